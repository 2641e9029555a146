package csrf

import (
	"html/template"
	"net/http"

	"github.com/djsession/djsession/django"
)

// Token returns a token for a form or a script to send back: of the same secret,
// but another text at each call, so that it may stand in a compressed page. It
// has the cookie set or renewed, or the session saved, before the response
// leaves; a new secret that comes after the headers have gone does not reach the
// browser and is logged. r must have passed through [Protection.Middleware], or
// come from a request that did; otherwise the error is [ErrNoMiddleware]. If it
// passed through those of several sites, the token is the innermost's; see
// [Protection.Token]. With CSRF_USE_SESSIONS an error may also be the session's,
// see Sessions.Get: the handler then just returns.
//
// It may be called by several goroutines at once. Django's get_token.
func Token(r *http.Request) (string, error) { return tokenOf(r, scopeOf(r)) }

// Token returns a token of this site, see the function [Token]. r must have passed
// through the middleware of this site.
func (p *Protection) Token(r *http.Request) (string, error) {
	return tokenOf(r, scopeOf(r).by(p.sessions))
}

// Input returns a form's hidden field with a [Token]. Django's {% csrf_token %}.
func Input(r *http.Request) (template.HTML, error) { return inputOf(Token(r)) }

// Input returns a form's hidden field with a token of this site, see
// [Protection.Token].
func (p *Protection) Input(r *http.Request) (template.HTML, error) { return inputOf(p.Token(r)) }

// RotateToken changes the secret, so that what was known before a login is worth
// nothing after it: forms rendered before are refused from then on. A request
// that did not pass through [Protection.Middleware] has none to change; if it
// passed through those of several sites, the innermost's is changed. Django's
// rotate_token.
func RotateToken(r *http.Request) { rotate(scopeOf(r)) }

// RotateToken changes the secret of this site, see the function [RotateToken].
func (p *Protection) RotateToken(r *http.Request) { RotateTokenOf(p.sessions, r) }

// RotateTokenOf changes the secret of the site whose sessions these are, see
// [RotateToken]. It is for whoever logs users in without knowing the site's
// Protection, as package auth does.
func RotateTokenOf(sessions *django.Sessions, r *http.Request) { rotate(scopeOf(r).by(sessions)) }

func tokenOf(r *http.Request, m *scope) (string, error) {
	if m == nil {
		return "", ErrNoMiddleware
	}
	return m.q.token(r)
}

func inputOf(token string, err error) (template.HTML, error) {
	if err != nil {
		return "", err
	}
	return template.HTML(`<input type="hidden" name="` + fieldName + `" value="` + token + `">`), nil
}

func rotate(m *scope) {
	if m != nil {
		m.q.rotate()
	}
}

// scope is what a middleware puts around a request. A context holds the innermost.
type scope struct {
	q     *request
	outer *scope // nil at the outermost
}

type contextKey struct{}

// scopeOf returns the innermost scope of r, nil if there is none.
func scopeOf(r *http.Request) *scope {
	m, _ := r.Context().Value(contextKey{}).(*scope)
	return m
}

// by returns the innermost scope of the site whose sessions these are, nil if
// there is none.
func (m *scope) by(sessions *django.Sessions) *scope {
	for m != nil && m.q.p.sessions.Codec() != sessions.Codec() {
		m = m.outer
	}
	return m
}
