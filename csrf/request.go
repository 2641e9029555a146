package csrf

import (
	"html/template"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/djsession/djsession/internal/csrfctx"
	"github.com/djsession/djsession/internal/djversion"
)

// request is the protection of one request by one site. All of the site's middlewares
// that the request passes through share it.
type request struct {
	p       *Protection   // of the outermost middleware
	r       *http.Request // as that middleware passes it on
	checked atomic.Bool   // the request has shown a valid token

	mu      sync.Mutex // not held while a session, a store or other code is called
	read    bool       // browser is set
	pending pending
	browser browserSecret
	secret  string // of the tokens, "" if there is none yet
	store   string // the secret in the form to store
}

// pending says whether a request's secret is to be stored.
type pending int8

const (
	stored  pending = iota
	renewed         // the browser has the secret already
	fresh           // the browser does not have it
)

// request returns this site's protection of r, nil without the middleware.
func (p *Protection) request(r *http.Request) *request {
	q, _ := csrfctx.From(r.Context(), p.sessions).(*request)
	return q
}

// Token returns a token for a form or a script to send back. Each call returns another
// text for the same secret, so that the token may stand in a compressed page.
//
// The cookie is set or renewed, or the session saved, before the response headers are
// sent. A new secret that is made after that does not reach the browser; the middleware
// logs it. r must have passed through [Protection.Middleware] of this site, or come from
// a request that did; otherwise the error is [ErrNoMiddleware]. With CSRF_USE_SESSIONS an
// error may also be that of Sessions.Get. Several goroutines may call Token at once.
// Django's get_token.
func (p *Protection) Token(r *http.Request) (string, error) {
	q := p.request(r)
	if q == nil {
		return "", ErrNoMiddleware
	}
	if _, err := q.readSecret(r); err != nil {
		return "", err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.secret == "" {
		q.renew()
	}
	q.pending = max(q.pending, renewed)
	return mask(q.secret), nil
}

// Input returns the hidden field of a form with a [Protection.Token]. Django's
// {% csrf_token %}.
func (p *Protection) Input(r *http.Request) (template.HTML, error) {
	token, err := p.Token(r)
	if err != nil {
		return "", err
	}
	return template.HTML(`<input type="hidden" name="` + fieldName + `" value="` + token + `">`), nil
}

// RotateToken changes the secret, so that forms rendered before are rejected from now on.
// Login of package auth calls it. A request that did not pass through
// [Protection.Middleware] of this site has no secret to change. Django's rotate_token.
func (p *Protection) RotateToken(r *http.Request) {
	if q := p.request(r); q != nil {
		q.RotateToken()
	}
}

// RotateToken implements csrfctx.Rotator.
func (q *request) RotateToken() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.renew()
}

// renew makes a new secret, to be stored. q.mu is held.
func (q *request) renew() {
	q.setSecret(newSecret(), q.p.masksNew())
	q.pending = fresh
}

func (q *request) setSecret(secret string, masked bool) {
	q.secret, q.store = secret, secret
	if masked {
		q.store = mask(secret)
	}
}

// take returns what is to be stored, once.
func (q *request) take() (store string, state pending) {
	q.mu.Lock()
	defer q.mu.Unlock()
	store, state = q.store, q.pending
	q.pending = stored
	return store, state
}

// readSecret returns what the browser holds, which is read once. Its secret becomes the
// request's, unless that was rotated before.
func (q *request) readSecret(r *http.Request) (browserSecret, error) {
	q.mu.Lock()
	b, read := q.browser, q.read
	q.mu.Unlock()
	if read {
		return b, nil
	}
	b, err := q.p.browserSecret(r)
	if err != nil {
		return b, err
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
	case b.secret != "" && masked == q.p.masks():
		q.secret, q.store = b.secret, b.text
	case b.secret != "":
		q.setSecret(b.secret, !masked)
		if !masked && !q.p.settings.CSRFUseSessions && q.p.version == djversion.V4_0 {
			q.pending = renewed // 4.0 alone masks a cookie's secret before a token is asked for
		}
	case b.problem != "" && q.p.checksOrigin():
		q.renew()
	}
}
