package csrf

import (
	"net/http"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/fault"
)

// ErrNoMiddleware is returned for a request that did not pass through
// [Protection.Middleware] of the site. It also matches django.ErrNoMiddleware.
var ErrNoMiddleware = fault.New("csrf: request did not pass through Protection.Middleware", django.ErrNoMiddleware)

// A Reason is the kind of a rejection.
type Reason int

// The reasons, named after Django's constants: REASON_BAD_ORIGIN is ReasonBadOrigin.
const (
	ReasonBadOrigin        Reason = iota + 1 // the Origin is neither this site nor a trusted one
	ReasonNoReferer                          // over HTTPS, there is neither Origin nor Referer
	ReasonMalformedReferer                   // the Referer is no URL with a scheme and a host
	ReasonInsecureReferer                    // the request was made over HTTPS, the Referer's was not
	ReasonBadReferer                         // the Referer is neither this site nor a trusted one
	ReasonNoCookie                           // the browser has no secret yet, in cookie or session
	ReasonBadCookie                          // the cookie cannot hold a secret
	ReasonTokenMissing                       // there is no token, or the form could not be read
	ReasonBadToken                           // the token is malformed or of another secret
)

// An Error says why a request was rejected. It holds neither token nor secret.
type Error struct {
	Reason Reason

	text  string
	cause error
}

func rejection(reason Reason, text string) error { return &Error{Reason: reason, text: text} }

// Error returns the newest Django's text of the reason, with no more of an Origin or
// Referer than scheme and host.
func (e *Error) Error() string { return e.text }

// Unwrap returns why the form could not be read, an *http.MaxBytesError for instance, or
// nil. Its text may quote the form.
func (e *Error) Unwrap() error { return e.cause }

// An ErrorHandler answers a rejected request; err is an [*Error], which was logged. It
// may use [Protection.Token] to show the form again. If it writes nothing, the answer is
// 403. Django's CSRF_FAILURE_VIEW.
type ErrorHandler func(w http.ResponseWriter, r *http.Request, err error)

// DefaultErrorHandler answers 403 without the reason.
func DefaultErrorHandler(w http.ResponseWriter, _ *http.Request, _ error) {
	http.Error(w, "Forbidden (403)\n\nCSRF verification failed. Request aborted.", http.StatusForbidden)
}
