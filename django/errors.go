package django

import (
	"errors"
	"fmt"

	"github.com/djsession/djsession/internal/fault"
)

// Errors of a [Store], and of the [Session] and [Sessions] methods that reach it. Compare
// with errors.Is.
var (
	// ErrNotFound: no session is stored under this key, or it has expired.
	ErrNotFound = errors.New("django: no such session")

	// ErrExists: the key to create or to move to is in use. Session picks another.
	ErrExists = errors.New("django: session key is in use")

	// ErrConflict: the stored session is no longer the one that was loaded. Session merges
	// and retries, and returns this error only where that is impossible, as in a
	// transaction whose snapshot hides the other write: run the transaction again.
	ErrConflict = errors.New("django: session was changed by another writer")

	// ErrInterrupted: the session was deleted before the request completed, as by a logout
	// elsewhere. It is not created again. Django's SessionInterrupted, status 400.
	ErrInterrupted = errors.New("django: session was deleted before the request completed")

	// ErrOutcomeUnknown: the connection to the store broke, or the context ended, during a
	// write. It may be stored, or may still be. After every other error it is not stored.
	ErrOutcomeUnknown = errors.New("django: unknown whether the session was stored")

	// ErrTooLarge: the session's data is larger than Settings.MaxInflated, or than what the
	// store holds. What is stored stays as it is: Django can read it.
	ErrTooLarge = errors.New("django: session data is larger than Settings.MaxInflated: raise it if the data is genuine")

	// ErrHeadersSent: the session needs a new cookie, but the response's headers were sent,
	// or hold a session cookie of the handler, or the connection is hijacked. Nothing was
	// saved.
	ErrHeadersSent = errors.New("django: session needs a new cookie, which the response can no longer carry")

	// ErrExpiry: the session's own expiry is neither seconds nor a date, or is out of
	// range. Django raises.
	ErrExpiry = errors.New("django: session has no usable expiry")

	// ErrProgram matches all errors that mean that the program or its settings are wrong,
	// status 500.
	ErrProgram = errors.New("django: the program or its settings are wrong")

	// ErrSessionOver: the session was used after its request was answered, or after
	// the function of its Update returned. The change is lost. Code that outlives a
	// request loads the session by its key, with [Sessions.Load] or [Sessions.Update].
	ErrSessionOver = fault.New("django: the session's request or update is over", ErrProgram)

	// ErrNoMiddleware: [Sessions.Get] was called with a request that did not pass
	// through [Sessions.Middleware].
	ErrNoMiddleware = fault.New("django: request did not pass through Sessions.Middleware", ErrProgram)
)

// Errors of [Codec.Decode] and of whatever loads a session. The error that wraps them says
// more; see package signing.
var (
	// ErrCorrupt: the signature does not match: the data was changed or cut off, or signed
	// with another key, salt or format. Django continues with an empty session, this
	// package only with [WithUnreadableAsEmpty].
	ErrCorrupt = errors.New("django: session data corrupted")

	// ErrUnreadable: the data is not a session in the configured serialization, although its
	// signature, if it has one, matches. For Django, see ErrCorrupt.
	ErrUnreadable = errors.New("django: session data is unreadable")
)

var (
	errRequestOver = fmt.Errorf("%w: the request was answered", ErrSessionOver)
	errUpdateOver  = fmt.Errorf("%w: the function of the Update returned", ErrSessionOver)
)
