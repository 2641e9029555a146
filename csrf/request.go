package csrf

import (
	"html/template"
	"net/http"
	"sync"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/origin"
)

const sessionKey = "_csrftoken" // CSRF_SESSION_KEY

// Token returns a token for a form or a script to send back: of the same secret,
// but another text at each call, so that it may stand in a compressed page. It
// has the cookie set or renewed, or the session saved, before the response
// leaves; a new secret that comes after the headers have gone does not reach the
// browser and is logged. r must have passed through [Protection.Middleware], or
// come from a request that did; otherwise the error is [ErrNoMiddleware]. With
// CSRF_USE_SESSIONS an error may also be the session's, see Sessions.Get: the
// handler then just returns.
//
// It may be called by several goroutines at once. Django's get_token.
func Token(r *http.Request) (string, error) {
	q, ok := requestOf(r)
	if !ok {
		return "", ErrNoMiddleware
	}
	return q.token()
}

// Input returns a form's hidden field with a [Token]. Django's {% csrf_token %}.
func Input(r *http.Request) (template.HTML, error) {
	token, err := Token(r)
	if err != nil {
		return "", err
	}
	return template.HTML(`<input type="hidden" name="` + fieldName + `" value="` + token + `">`), nil
}

// RotateToken changes the secret, so that what was known before a login is worth
// nothing after it: forms rendered before are refused from then on. A request
// that did not pass through [Protection.Middleware] has none to change. Django's
// rotate_token.
func RotateToken(r *http.Request) {
	if q, ok := requestOf(r); ok {
		q.rotate()
	}
}

type contextKey struct{}

func requestOf(r *http.Request) (*request, bool) {
	q, ok := r.Context().Value(contextKey{}).(*request)
	return q, ok
}

// request is the protection of one request.
type request struct {
	p *Protection
	r *http.Request

	mu      sync.Mutex
	read    bool   // the browser's secret was looked for
	held    bool   // there was something
	problem string // with what the cookie held
	sent    string // the browser's secret, "" if there is none or none that is usable

	secret  string // for tokens, "" if one is to be made
	store   string // the secret in the form that is to be stored
	fresh   bool   // the browser does not have it
	pending bool   // it awaits the commit
}

func (q *request) token() (string, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.secret == "" {
		if err := q.readSecret(); err != nil {
			return "", err
		}
	}
	if q.secret == "" {
		q.renew()
	}
	q.pending = true
	return mask(q.secret), nil
}

func (q *request) rotate() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.renew()
}

// renew makes a new secret, which is to be stored.
func (q *request) renew() {
	q.secret = newSecret()
	q.store = q.p.stored(q.secret)
	q.fresh, q.pending = true, true
}

// readSecret looks for the browser's secret, once.
func (q *request) readSecret() error {
	if q.read {
		return nil
	}
	if q.p.settings.CSRFUseSessions {
		if err := q.readSession(); err != nil {
			return err
		}
	} else {
		q.readCookie()
	}
	q.read = true
	return nil
}

func (q *request) readCookie() {
	var text string
	if text, q.held = cookie.Get(q.r.Header, q.p.settings.CSRFCookieName); !q.held {
		return
	}
	if q.sent, q.problem = parse(text); q.problem == "" {
		q.use(text)
		// 4.0 alone writes a bare secret masked before anybody asks.
		q.pending = q.p.version == djversion.V4_0 && len(text) == secretLength
	} else if q.p.checksOrigin() {
		q.renew()
	}
}

func (q *request) readSession() error {
	s, err := q.p.sessions.Get(q.r)
	if err != nil {
		return err
	}
	text, ok, err := django.Lookup[*string](s, sessionKey)
	if !ok || err == nil && text == nil {
		return nil
	}
	q.held = true
	if err != nil || q.p.masks() && len(*text) != tokenLength {
		return nil
	}
	if q.sent, _ = parse(*text); q.sent != "" {
		q.use(*text)
	}
	return nil
}

// use takes the browser's secret, which is stored as text, for this request's.
func (q *request) use(text string) {
	q.secret, q.store = q.sent, text
	if masked := len(text) == tokenLength; masked != q.p.masks() {
		q.store = q.p.stored(q.sent)
	}
}

// checkToken refuses a request that does not show a token of the browser's secret.
func (q *request) checkToken() error {
	q.mu.Lock()
	err := q.readSecret()
	sent, held, problem := q.sent, q.held, q.problem
	q.mu.Unlock()
	switch {
	case err != nil:
		return err
	case problem != "":
		return refusal(ReasonBadCookie, "CSRF cookie "+problem+".")
	case !held:
		return refusal(ReasonNoCookie, "CSRF cookie not set.")
	}

	const missing = "CSRF token missing."
	token, err := formToken(q.r)
	if err != nil {
		return &Error{ReasonTokenMissing, missing, err}
	}
	source := "POST"
	secret, problem := parse(token)
	if token == "" {
		name := q.p.settings.CSRFHeaderName
		var ok bool
		if token, ok = origin.Header(q.r, name); !ok {
			return refusal(ReasonTokenMissing, missing)
		}
		source = "the '" + origin.HeaderName(name) + "' HTTP header"
		secret, problem = parseHeader(token)
	}
	if problem == "" && !same(secret, sent) {
		problem = incorrect
	}
	if problem != "" {
		return refusal(ReasonBadToken, "CSRF token from "+source+" "+problem+".")
	}
	return nil
}
