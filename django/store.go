package django

import (
	"context"
	"time"

	"github.com/djsession/djsession/serializer"
)

// A Store is where sessions live: what Django calls a session engine, without
// its policy. Expiry, cookies, merging and key rotation are [Session]'s business.
//
// All methods may be called concurrently, respect ctx, and take or return no
// time zone: a time.Time is an instant, which the store converts to whatever its
// tables hold. Errors other than the ones named here mean that the store failed;
// they must hold neither session keys nor data. An error of Create and Save that is
// [ErrOutcomeUnknown] says that they may have taken effect, or still will; after any
// other error they have not, and will not. A key that the store could not
// hold (too long, forbidden characters) is like any key that is not there.
//
// Package [github.com/djsession/djsession/django/storetest] checks an
// implementation against this contract.
type Store interface {
	// Load returns the session under key that expires after now, and
	// [ErrNotFound] if there is none. Data that is there but cannot be read is no
	// error: see Record.Corrupt.
	Load(ctx context.Context, key string, now time.Time) (Record, error)

	// Create stores data under a key that is not in use, expired sessions
	// included, and returns [ErrExists] if it is. The store neither changes nor keeps data.
	Create(ctx context.Context, key string, data *serializer.Dict, expires time.Time) (Record, error)

	// Save replaces the session old, as Load, Create or Save returned it but
	// without its Data, if the store still holds that very version, in one atomic
	// step.
	//
	// If the session is gone it returns [ErrNotFound] and stores nothing. If it is
	// there in another version, expired or not, it returns [ErrConflict] and, as
	// the Record, what is there now. If Update.Key is another key and taken, it
	// returns [ErrExists] or fails, and changes nothing.
	Save(ctx context.Context, old Record, u Update) (Record, error)

	// Delete removes the session under key. One that is not there is no error.
	Delete(ctx context.Context, key string) error

	// ClearExpired removes the sessions that expired before now and returns how
	// many. Until then they take their keys, and can be saved. When it fails, the number of those already removed goes with the error.
	// A store whose sessions expire by themselves returns 0; there they are as if
	// deleted.
	ClearExpired(ctx context.Context, now time.Time) (int64, error)
}

// A Checker is a [Store] that can check its own set-up; see [Sessions.Check].
type Checker interface {
	// Check returns an error if the store cannot be reached, if what sessions are
	// kept in is missing or incomplete, or if none of the newest sessions that expire
	// after now can be read with the settings. No sessions at all is no error.
	Check(ctx context.Context, now time.Time) error
}

// A Record is a session as a store holds it.
type Record struct {
	// Key is the session's key.
	Key string
	// Data is the session's dict; it is the receiver's to change. It is nil only
	// in what a Create or Save that succeeded returns.
	Data *serializer.Dict
	// Version stands for what is stored, to compare and swap against: any value that
	// only its store interprets. Equal versions stand for equal data.
	Version any
	// Corrupt says why the stored data could not be read ([ErrCorrupt] or
	// [ErrUnreadable]); Data is then empty. Nil otherwise.
	Corrupt error
}

// An Update is what [Store.Save] is to store.
type Update struct {
	// Key is the key from now on. It differs from the old record's when the key
	// is cycled: the session then moves, and nothing stays under the old key.
	Key string
	// Data is the new dict, which the store neither changes nor keeps; nil leaves the
	// data as it is and sets the expiry only.
	Data *serializer.Dict
	// Expires is when the session expires.
	Expires time.Time
}

// An Engine opens a [Store] for a site, whose settings and text format the codec
// knows. It is what SESSION_ENGINE names in Django; dbstore.New returns one.
type Engine interface {
	// Open returns the store. Errors are about settings and options; whether it
	// connects to anything is the engine's choice.
	Open(codec *Codec) (Store, error)
}

// EngineFunc makes an [Engine] of a function.
type EngineFunc func(codec *Codec) (Store, error)

// Open calls f.
func (f EngineFunc) Open(codec *Codec) (Store, error) { return f(codec) }
