package csrf

import "errors"

// ErrNoMiddleware: a token was asked for with a request that did not pass
// through [Protection.Middleware].
var ErrNoMiddleware = errors.New("csrf: request did not pass through Protection.Middleware")

// A Reason says why a request was refused.
type Reason int

// The reasons, after Django's constants: REASON_BAD_ORIGIN is ReasonBadOrigin.
const (
	// ReasonBadOrigin: the Origin is neither this site nor a trusted one.
	ReasonBadOrigin Reason = iota + 1
	// ReasonNoReferer: a request over HTTPS has neither Origin nor Referer.
	ReasonNoReferer
	// ReasonMalformedReferer: the Referer is no URL with a scheme and a host.
	ReasonMalformedReferer
	// ReasonInsecureReferer: the Referer is no HTTPS page, but this request is.
	ReasonInsecureReferer
	// ReasonBadReferer: the Referer is neither this site nor a trusted one.
	ReasonBadReferer
	// ReasonNoCookie: the browser has no secret yet, neither in the cookie nor in
	// the session.
	ReasonNoCookie
	// ReasonBadCookie: the cookie cannot hold a secret.
	ReasonBadCookie
	// ReasonTokenMissing: neither the form nor the header has a token, or the form
	// could not be read.
	ReasonTokenMissing
	// ReasonBadToken: the token is malformed or of another secret.
	ReasonBadToken
)

// An Error is why a request was refused. It holds neither token nor secret.
type Error struct {
	// Reason is the kind of refusal.
	Reason Reason

	text  string
	cause error
}

// Error returns the newest Django's text of the reason, with no more of an Origin
// or Referer than scheme and host.
func (e *Error) Error() string { return e.text }

// Unwrap returns why the form could not be read, an *http.MaxBytesError for
// instance, or nil. Its text may quote what the form holds.
func (e *Error) Unwrap() error { return e.cause }

func refusal(reason Reason, text string) error { return &Error{Reason: reason, text: text} }
