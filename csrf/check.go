package csrf

import (
	"errors"
	"net/http"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/origin"
)

// check returns an *Error if the request must be rejected, and another error if the
// session failed or a form could not be stored. It sets body if it has read a form that
// the handler can read again until body is removed.
func (p *Protection) check(q *request, r *http.Request, body **spool) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return nil
	}
	if q.checked.Load() || p.exempt(r) {
		return nil
	}
	if err := p.checkSource(r); err != nil {
		return err
	}
	if err := p.checkToken(q, r, body); err != nil {
		return err
	}
	q.checked.Store(true)
	return nil
}

// checkToken checks the token in the header first, and leaves the body alone if it is
// valid. Django looks at the form first, and rejects a request with another token there.
func (p *Protection) checkToken(q *request, r *http.Request, body **spool) error {
	b, err := q.readSecret(r)
	switch {
	case err != nil:
		return err
	case b.problem != "":
		return rejection(ReasonBadCookie, "CSRF cookie "+b.problem+".")
	case !b.found:
		return rejection(ReasonNoCookie, "CSRF cookie not set.")
	}
	name := p.settings.CSRFHeaderName
	sent, inHeader := origin.Header(r, name)
	badHeader := compare(b.secret, sent, len(sent)) // Django decodes headers as Latin-1
	if inHeader && badHeader == "" {
		return nil
	}
	const missing = "CSRF token missing."
	token, err := p.formToken(r, body)
	switch {
	case errors.Is(err, errStorage):
		return err
	case err != nil:
		return &Error{ReasonTokenMissing, missing, err}
	case token != "":
		if problem := compare(b.secret, token, utf8.RuneCountInString(token)); problem != "" {
			return rejection(ReasonBadToken, "CSRF token from POST "+problem+".")
		}
		return nil
	case inHeader:
		return rejection(ReasonBadToken, "CSRF token from the '"+origin.HeaderName(name)+"' HTTP header "+badHeader+".")
	}
	return rejection(ReasonTokenMissing, missing)
}
