package django

import (
	"errors"
	"fmt"
)

// Errors of a [Store], and of the [Session] and [Sessions] methods that reach
// it. Compare with errors.Is.
var (
	// ErrNotFound: no session is stored under this key, or it has expired.
	ErrNotFound = errors.New("django: no such session")

	// ErrExists: the key to create or to move to is taken. Session picks another.
	ErrExists = errors.New("django: session key is taken")

	// ErrConflict: the stored session is no longer the one that was loaded.
	// Session merges and tries again; outside the Store contract this error is
	// returned only when it cannot, as inside a transaction whose snapshot hides
	// the other write. Roll back and run the transaction again.
	ErrConflict = errors.New("django: session was changed by another writer")

	// ErrInterrupted: the session was deleted before the request completed, by a
	// logout elsewhere for instance. It is not created again. Django's
	// SessionInterrupted; [Sessions.Middleware] answers 400.
	ErrInterrupted = errors.New("django: session was deleted before the request completed")

	// ErrOutcomeUnknown: the connection to the store broke, or the context ended,
	// while a write was under way. It may be stored, or still become so. Every other
	// error says that it is not.
	ErrOutcomeUnknown = errors.New("django: it is not known whether the session was stored")

	// ErrTooLarge: the session's data is larger than Settings.MaxInflated. What is stored
	// stays as it is: Django can read it.
	ErrTooLarge = errors.New("django: the session's data is larger than Settings.MaxInflated, which can be raised")

	// ErrHeadersSent: the session needs a new cookie, but the response's headers
	// have gone, or hold a session cookie that the handler set itself, or the handler
	// hijacks the connection. Nothing was saved.
	ErrHeadersSent = errors.New("django: session needs a new cookie, which the response can no longer carry")

	// ErrExpiry: the session's own expiry is neither seconds nor a date, or out of
	// range. Django raises there.
	ErrExpiry = errors.New("django: session has no usable expiry")

	// ErrProgram: the program uses this package, or one beside it, in a way that cannot
	// work, or is set up wrongly: [DefaultErrorHandler] answers 500. Errors that say more
	// match it by errors.Is.
	ErrProgram = errors.New("django: the program or its settings are wrong")

	// ErrSessionOver: the session was asked for, or changed, after its request had been
	// answered or its Update's function had returned. The change is lost. What outlives a
	// request loads the session by its key, with [Sessions.Load] or [Sessions.Update].
	ErrSessionOver error = programError("django: the session's request or update is over")

	// ErrNoMiddleware: [Sessions.Get] was called with a request that did not pass
	// through [Sessions.Middleware].
	ErrNoMiddleware error = programError("django: request did not pass through Sessions.Middleware")
)

// Errors of [Codec.Decode], and of whatever loads a session. The error that wraps them says more: see package
// signing for the kinds of a bad signature.
var (
	// ErrCorrupt: the signature does not fit the data: it was changed, cut off,
	// or signed with another key, salt or format. Django logs "Session data
	// corrupted" and goes on with an empty session; here the session is left alone
	// unless [WithUnreadableAsEmpty] is given.
	ErrCorrupt = errors.New("django: session data corrupted")

	// ErrUnreadable: the signature is good, but what it signs is not a session in
	// JSON. Django goes on with an empty session; here see ErrCorrupt.
	ErrUnreadable = errors.New("django: session data is signed but unreadable")
)

var (
	errRequestOver = fmt.Errorf("%w: the request had been answered", ErrSessionOver)
	errUpdateOver  = fmt.Errorf("%w: the function of the Update had returned", ErrSessionOver)
)

// programError is an ErrProgram with a text of its own.
type programError string

func (e programError) Error() string { return string(e) }

// Is makes it an ErrProgram.
func (programError) Is(target error) bool { return target == ErrProgram }
