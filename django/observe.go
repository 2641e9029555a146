package django

import (
	"context"
	"errors"
	"time"

	"github.com/djsession/djsession/internal/fault"
)

// An Observer is told what happens to the sessions and logins of a site, for traces and
// metrics: see [WithObserver]. It is called with no mutex held, and by several goroutines
// at once.
type Observer interface {
	// Start is called when an operation begins. The operation continues with the context
	// that Start returns, which is ctx or derived from it: what the store's driver makes of
	// it belongs to the operation. The session is about to be loaded or stored: with ctx it
	// can be neither loaded nor saved, and with another context that waits for the operation.
	Start(ctx context.Context, op Operation) context.Context

	// End is called once for each Start, when the operation has ended, with the values of the
	// context that Start returned. The context is never canceled. The session can be used,
	// unless the outcome is OutcomePanicked.
	End(ctx context.Context, e Event)
}

// WithObserver has o told what happens to sessions and logins. By default there is none.
// What happens is logged in any case, mostly at level debug; see docs/observability.md.
func WithObserver(o Observer) Option { return func(opts *options) { opts.observer = o } }

// An Operation is what an [Observer] is told of.
type Operation string

// The operations on a store, with all their attempts.
const (
	OpLoad         Operation = "load"
	OpCreate       Operation = "create" // a save of a session that had no key
	OpSave         Operation = "save"
	OpDelete       Operation = "delete" // also a flush
	OpClearExpired Operation = "clear_expired"
)

// The operations of package auth, which include those on the store.
const (
	OpAuthenticate Operation = "authenticate" // checking a password
	OpLogin        Operation = "login"
	OpLogout       Operation = "logout"
	OpRejectLogin  Operation = "reject_login" // a session's login was not accepted; it takes no time
)

// An Event is an operation that has ended. It holds no key, cookie, password, username or
// session data.
type Event struct {
	Operation Operation
	Outcome   Outcome
	// Err is the error of an outcome other than OutcomeOK, OutcomeMerged and OutcomeDropped.
	Err error
	// Engine is SESSION_ENGINE.
	Engine string
	// Duration is how long the operation took, by the clock of [WithClock].
	Duration time.Duration
	// Attempts is how often the session was handed to the store, of a create and a save.
	// More than one means another writer or a broken connection.
	Attempts int
	// Cleared is how many sessions a clear_expired removed.
	Cleared int64
	// UserID is the primary key of the user of a login and a logout, as text.
	UserID string
}

// An Outcome is how an [Event]'s operation ended.
type Outcome string

const (
	OutcomeOK     Outcome = "ok"
	OutcomeMerged Outcome = "merged" // saved, with what another writer had saved

	// OutcomeDropped: not saved, as it was no longer needed after an attempt that met another
	// writer: another request had done the [Session.Renew], or the function of an Update
	// returned an error or changed nothing when it was called again.
	OutcomeDropped Outcome = "dropped"

	// The visitor is the reason.
	OutcomeNotFound      Outcome = "not_found"      // no such session: deleted, expired or never there
	OutcomeImpossibleKey Outcome = "impossible_key" // the cookie holds what cannot be a key, or, with signed_cookies, no session
	OutcomeDenied        Outcome = "denied"         // wrong username or password, or an inactive user
	OutcomeRejected      Outcome = "rejected"       // the session's login was not accepted
	OutcomeCanceled      Outcome = "canceled"       // the client has gone

	OutcomeInterrupted Outcome = "interrupted" // the session was deleted meanwhile: [ErrInterrupted]
	OutcomeUnreadable  Outcome = "unreadable"  // [ErrCorrupt] or [ErrUnreadable]
	OutcomeTooLarge    Outcome = "too_large"   // [ErrTooLarge]
	OutcomeConflict    Outcome = "conflict"    // [ErrConflict]
	OutcomeUnknown     Outcome = "unknown"     // [ErrOutcomeUnknown]
	OutcomeTimeout     Outcome = "timeout"
	OutcomeFailed      Outcome = "failed" // any other error

	// OutcomePanicked: the store, the users, a hasher or the function of an Update panicked.
	// The panic goes on.
	OutcomePanicked Outcome = "panicked"
)

// Failed reports whether the operation failed because of the store, the data or the
// program, rather than the visitor.
func (o Outcome) Failed() bool {
	switch o {
	case OutcomeInterrupted, OutcomeUnreadable, OutcomeTooLarge, OutcomeConflict, OutcomeUnknown, OutcomeTimeout, OutcomeFailed, OutcomePanicked:
		return true
	}
	return false
}

var (
	errImpossibleKey = errors.New("django: the cookie holds what cannot be a session key")
	errPanicked      = errors.New("django: the operation panicked")
)

// outcomes are those of errors; the first that matches counts.
var outcomes = []struct {
	err     error
	outcome Outcome
}{
	{ErrNotFound, OutcomeNotFound},
	{errImpossibleKey, OutcomeImpossibleKey},
	{ErrInterrupted, OutcomeInterrupted},
	{ErrTooLarge, OutcomeTooLarge},
	{ErrCorrupt, OutcomeUnreadable},
	{ErrUnreadable, OutcomeUnreadable},
	{ErrConflict, OutcomeConflict},
	{ErrOutcomeUnknown, OutcomeUnknown},
	{context.Canceled, OutcomeCanceled},
}

// outcomeOf returns the outcome of an operation that ended with err.
func outcomeOf(op Operation, err error) Outcome {
	if err == nil {
		return OutcomeOK
	}
	if op == OpRejectLogin {
		return OutcomeRejected
	}
	for _, o := range outcomes {
		if errors.Is(err, o.err) {
			return o.outcome
		}
	}
	if timeout := interface{ Timeout() bool }(nil); errors.As(err, &timeout) && timeout.Timeout() {
		return OutcomeTimeout // a context's deadline, or a connection's
	}
	if errors.As(err, new(fault.Status)) {
		return OutcomeDenied
	}
	return OutcomeFailed
}
