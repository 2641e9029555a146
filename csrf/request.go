package csrf

import (
	"net/http"
	"sync"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/djversion"
)

const sessionKey = "_csrftoken" // CSRF_SESSION_KEY

// request is the protection of one request by one site, however many of the
// site's middlewares it passes through.
type request struct {
	p *Protection   // the outermost
	r *http.Request // as that one passed it on

	mu      sync.Mutex // not held while a session, a store or other code is called
	checked bool       // the request has shown a token
	read    bool       // the browser's secret was looked for
	browser browserSecret

	secret  string // for tokens, "" if one is to be made
	store   string // the secret in the form that is to be stored
	fresh   bool   // the browser does not have it
	pending bool   // it awaits the commit
}

// browserSecret is what the browser's cookie, or its session, holds.
type browserSecret struct {
	found   bool
	text    string
	secret  string // "" if there is none or none that is usable
	problem string // with what the cookie holds
}

// token returns a token; r is the request, or one that was derived from it.
func (q *request) token(r *http.Request) (string, error) {
	q.mu.Lock()
	known := q.secret != ""
	q.mu.Unlock()
	if !known {
		if _, err := q.readSecret(r); err != nil {
			return "", err
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.secret == "" {
		q.renew()
	}
	q.pending = true
	return mask(q.secret), nil
}

// RotateToken implements csrfctx.Rotator.
func (q *request) RotateToken() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.renew()
}

// renew makes a new secret, which is to be stored. q.mu is held.
func (q *request) renew() {
	q.secret = newSecret()
	q.store = stored(q.secret, q.p.masksNew())
	q.fresh, q.pending = true, true
}

// take returns what is to be stored, and leaves nothing to store.
func (q *request) take() (store string, pending, fresh bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	store, pending, fresh = q.store, q.pending, q.fresh
	q.pending, q.fresh = false, false
	return store, pending, fresh
}

// readSecret returns what the browser holds, which is read once. A secret that is
// there becomes the request's, unless that was rotated before.
func (q *request) readSecret(r *http.Request) (browserSecret, error) {
	q.mu.Lock()
	b, read := q.browser, q.read
	q.mu.Unlock()
	if read {
		return b, nil
	}
	if q.p.settings.CSRFUseSessions {
		var err error
		if b, err = q.p.inSession(r); err != nil {
			return b, err
		}
	} else {
		b = q.p.inCookie(r)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.read {
		q.read, q.browser = true, b
		q.use(b)
	}
	return q.browser, nil
}

// use makes the browser's secret the request's. q.mu is held.
func (q *request) use(b browserSecret) {
	switch masked := len(b.text) == tokenLength; {
	case q.secret != "":
	case b.secret != "":
		q.secret, q.store = b.secret, b.text
		if masked != q.p.masks() {
			q.store = stored(b.secret, !masked)
		}
		// 4.0 alone writes a bare secret masked before anybody asks.
		q.pending = !q.p.settings.CSRFUseSessions && q.p.version == djversion.V4_0 && !masked
	case b.problem != "" && q.p.checksOrigin():
		q.renew()
	}
}

// inCookie returns what the cookie holds.
func (p *Protection) inCookie(r *http.Request) (b browserSecret) {
	if b.text, b.found = cookie.Get(r.Header, p.settings.CSRFCookieName); b.found {
		b.secret, b.problem = parse(b.text)
	}
	return b
}

// inSession returns what the session holds.
func (p *Protection) inSession(r *http.Request) (b browserSecret, err error) {
	s, err := p.sessions.Get(r)
	if err != nil {
		return b, err
	}
	text, ok, err := django.Lookup[*string](s, sessionKey)
	if !ok || err == nil && text == nil {
		return b, nil
	}
	b.found = true
	if err == nil && (len(*text) == tokenLength || !p.masks()) {
		b.text = *text
		b.secret, _ = parse(b.text)
	}
	return b, nil
}
