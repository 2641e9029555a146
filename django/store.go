package django

import (
	"context"
	"log/slog"
	"time"

	"github.com/djsession/djsession/serializer"
)

// A Store holds sessions: what Django calls a session engine, without its policy. Expiry,
// cookies, merging and key rotation are written once, in [Session].
//
// All methods may be called concurrently and respect ctx. A key that the store cannot hold
// (too long, forbidden characters) counts as absent.
//
// Errors other than those named here mean that the store failed; they hold neither session
// keys nor data. If Create or Save returns [ErrOutcomeUnknown], the write may have taken
// effect, or still will; after any other error it has not and will not.
//
// Package [github.com/djsession/djsession/django/storetest] tests all this.
type Store interface {
	// Capabilities returns how the store works, always the same.
	Capabilities() Capabilities

	// Load returns the session under key that expires after now, or [ErrNotFound]. Data
	// that cannot be read is no error: see Record.Corrupt.
	Load(ctx context.Context, key string, now time.Time) (Record, error)

	// Create stores w.Data under w.Key, or returns [ErrExists] if the key is in use.
	Create(ctx context.Context, w Write) (Record, error)

	// Save replaces the session old, as Load, Create or Save returned it but without its
	// Data, if the store still holds that version, in one atomic step.
	//
	// If the session is gone, Save returns [ErrNotFound] and stores nothing. If it is
	// stored in another version, expired or not, Save returns [ErrConflict] with the Record
	// that is stored now, or merges; see [Capabilities]. If w.Key is another key and in
	// use, Save returns [ErrExists] or fails, and changes nothing.
	Save(ctx context.Context, old Record, w Write) (Record, error)

	// Delete removes the session under key. An absent one is no error.
	Delete(ctx context.Context, key string) error

	// ClearExpired removes the sessions that expired before now and returns how many it
	// removed, also when it fails. A store with Capabilities.Expires returns 0.
	ClearExpired(ctx context.Context, now time.Time) (int64, error)
}

// Capabilities are the ways in which stores differ.
type Capabilities struct {
	// Expires: the store removes sessions when they expire, by its own clock, as Redis
	// does. Otherwise an expired session can be saved until ClearExpired.
	Expires bool

	// AtomicMove: a Save under another key is one atomic step. Otherwise the store creates
	// the new key, and then deletes the old one if it still holds the version that was
	// loaded, or else the new one. A crash in between leaves the old session valid, and a
	// copy under a key that nobody has.
	AtomicMove bool

	// ChoosesKeys: the key holds the session, as in Django's signed_cookies. The store
	// ignores Write.Key and returns another key from every Create and Save, so that each
	// needs a new cookie; Delete does nothing. It keeps no expiry: a key ends some time after it
	// was made, whatever Write.Expires says. A key that cannot be read may be Corrupt instead
	// of absent; for a request, which anybody can make, it is an empty session.
	ChoosesKeys bool

	// Format is what the store keeps sessions in. A store with [serializer.FormatPickle] keeps
	// values of both formats, any other those of FormatJSON only. See [Codec.Format].
	Format serializer.Format

	// Merges: the store reads and writes under a lock or in a transaction. Instead of
	// returning [ErrConflict] it stores what Write.Merge, in its last call, makes of the
	// session that is stored. Without a Write.Merge it returns ErrConflict.
	Merges bool
}

// A Record is a session as a store holds it.
type Record struct {
	// Key is the session's key.
	Key string
	// Data is the session's dict, which the receiver may change. It is nil in what a
	// Create or Save that succeeded returns, and in a conflict in which the store cannot
	// read what is stored now.
	Data *serializer.Dict
	// Version identifies what is stored, for the store to compare and swap: the stored
	// text, a cas token, a file's identity. Equal versions have equal data.
	Version string
	// Corrupt is why the stored data could not be read ([ErrCorrupt] or [ErrUnreadable]);
	// Data is then empty. Otherwise it is nil.
	Corrupt error
}

// A Write is what [Store.Create] and [Store.Save] store.
type Write struct {
	// Key is the session's new key. In a Save it is that of the old record unless the
	// session moves to another key; nothing then stays under the old one.
	Key string
	// Data is the new dict, which the store neither changes nor keeps. In a Save, nil
	// leaves the data as it is and sets the expiry only.
	Data *serializer.Dict
	// Expires is when the session expires, and Age how long that is from now on, by the
	// clock of the sessions.
	Expires time.Time
	Age     time.Duration
	// Merge returns the write that makes the same changes to current, whose Data it may
	// change. It does no I/O. If it returns an error, Save stores nothing and returns that
	// error. If it is nil, a conflict must be returned.
	Merge func(current Record) (Write, error)
}

// An Engine opens a [Store]: what SESSION_ENGINE names in Django. dbstore.New and
// memstore.New return one.
type Engine interface {
	// Serves reports whether the engine shares sessions with a site that has this
	// SESSION_ENGINE. [New] refuses settings that the engine does not serve.
	Serves(sessionEngine string) bool
	// Open returns the store of a site. Its errors are about settings and options; it need
	// not connect to anything.
	Open(site Site) (Store, error)
}

// A Site is what an [Engine] is opened for.
type Site struct {
	Settings Settings         // validated, with DjangoVersion set
	Codec    *Codec           // of session_data; see [Codec.WithSalt] for another salt
	Now      func() time.Time // the clock
	Logger   *slog.Logger
}

// EngineFunc is an [Engine] that serves every SESSION_ENGINE, for tests and wrappers.
type EngineFunc func(site Site) (Store, error)

// Serves returns true.
func (EngineFunc) Serves(string) bool { return true }

// Open calls f.
func (f EngineFunc) Open(site Site) (Store, error) { return f(site) }

// The session engines that Django has.
const (
	EngineDB            = "django.contrib.sessions.backends.db"
	EngineCache         = "django.contrib.sessions.backends.cache"
	EngineCachedDB      = "django.contrib.sessions.backends.cached_db"
	EngineFile          = "django.contrib.sessions.backends.file"
	EngineSignedCookies = "django.contrib.sessions.backends.signed_cookies"
)
