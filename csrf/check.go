package csrf

import (
	"errors"
	"net/http"

	"github.com/djsession/djsession/internal/origin"
)

// check returns an *Error if the request is to be refused, and another error if
// the session failed or a form could not be stored. A request that has shown its
// token to one of the site's middlewares passes the others.
func (p *Protection) check(q *request, r *http.Request, body *spool) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return nil
	}
	q.mu.Lock()
	checked := q.checked
	q.mu.Unlock()
	if checked || p.exempt(r) {
		return nil
	}
	if err := p.checkSource(r); err != nil {
		return err
	}
	if err := p.checkToken(q, r, body); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.checked = true
	return nil
}

// checkToken refuses a request that does not show a token of the browser's secret.
// A good one in the header decides: the body is then left to the handler. Django
// looks at the form first, and refuses a request with another token there.
func (p *Protection) checkToken(q *request, r *http.Request, body *spool) error {
	b, err := q.readSecret(r)
	switch {
	case err != nil:
		return err
	case b.problem != "":
		return refusal(ReasonBadCookie, "CSRF cookie "+b.problem+".")
	case !b.found:
		return refusal(ReasonNoCookie, "CSRF cookie not set.")
	}

	name := p.settings.CSRFHeaderName
	sent, inHeader := origin.Header(r, name)
	badHeader := problemOf(b.secret, sent, len(sent)) // of a header Django has a character for each byte
	if inHeader && badHeader == "" {
		return nil
	}
	const missing = "CSRF token missing."
	token, err := p.formToken(r, body)
	var storage *storageError
	switch {
	case errors.As(err, &storage):
		return err
	case err != nil:
		return &Error{ReasonTokenMissing, missing, err}
	case token != "":
		if problem := problemOf(b.secret, token, characters(token)); problem != "" {
			return refusal(ReasonBadToken, "CSRF token from POST "+problem+".")
		}
	case inHeader:
		return refusal(ReasonBadToken, "CSRF token from the '"+origin.HeaderName(name)+"' HTTP header "+badHeader+".")
	default:
		return refusal(ReasonTokenMissing, missing)
	}
	return nil
}
