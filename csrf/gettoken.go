package csrf

import (
	"html/template"
	"net/http"

	"github.com/djsession/djsession/internal/csrfctx"
)

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
	return q.token(r)
}

// Input returns a form's hidden field with a [Protection.Token]. Django's
// {% csrf_token %}.
func (p *Protection) Input(r *http.Request) (template.HTML, error) {
	token, err := p.Token(r)
	if err != nil {
		return "", err
	}
	return template.HTML(`<input type="hidden" name="` + fieldName + `" value="` + token + `">`), nil
}

// RotateToken changes the secret, so that forms rendered before are rejected from now on.
// Logins.Login of package auth does that by itself. A request that did not pass through
// [Protection.Middleware] of this site has no secret to change. Django's rotate_token.
func (p *Protection) RotateToken(r *http.Request) {
	if q := p.request(r); q != nil {
		q.RotateToken()
	}
}

// request returns this site's protection of r, nil without the middleware.
func (p *Protection) request(r *http.Request) *request {
	q, _ := csrfctx.From(r.Context(), p.sessions).(*request)
	return q
}
