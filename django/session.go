package django

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/djsession/djsession/internal/slot"
	"github.com/djsession/djsession/serializer"
)

// A Session is what a Django view calls request.session: an ordered dict that
// is shared with the Django site, with Django's SessionBase as its model.
//
// It is loaded once, by [Sessions.Get] or [Sessions.Load]; after that, reads and
// changes are in memory and cannot fail because of the store. Only Save and
// Flush reach the store. The request's session is saved by [Sessions.Middleware].
//
// A value stays in the bytes in which it was stored until it is asked for, and
// is written back byte for byte unless it is set. Reading a value gives a copy:
// after changing that copy, Set it.
//
// A Session may be used by several goroutines at once. It ends with its request, or
// with the function of an Update that it was given to, since nothing saves a later
// change: the methods that return an error refuse it with [ErrSessionOver], and the
// others make it in memory and log that.
type Session struct {
	site *Sessions

	mu sync.Mutex // never held while anything is waited for, called back or logged
	state
	slot     slot.Slot // held by whoever stores the session
	epoch    int       // counts the calls of Abandon
	shared   bool      // data is read elsewhere too: copy it before a change
	accessed bool
	modified bool
	sealed   bool  // the response's headers have gone: no new cookie
	updating bool  // it was given to an Update's function
	failed   error // why the request fails: a Flush that was not made good, or an UpdateRequest
	over     error // why a change would be lost; nil while the session lives
}

// state is what a session holds and what awaits a save. Who stores the session works on
// a copy of its state, so that the session stays usable meanwhile.
type state struct {
	stored Record           // as loaded or last saved, without Data; its Key is "" if it is in no store
	data   *serializer.Dict // with the changes
	unsaved
	candidate string     // the key of a CycleKey save whose outcome is unknown
	dropped   bool       // a renewal was dropped, and nothing was changed since
	abandoned *abandoned // see Abandon: its cookie is not to be deleted; else nil
}

// unsaved is what awaits a save.
type unsaved struct {
	changes  changes // since it was stored
	touched  bool    // to be saved even without changes
	cycling  bool    // to be saved under a new key
	optional bool    // nothing but a Renew awaits the save
}

// any reports whether anything awaits a save.
func (u *unsaved) any() bool { return u.touched || u.cycling || u.changes.any() }

func newSession(site *Sessions, rec Record) *Session {
	s := &Session{site: site}
	s.setStored(rec)
	return s
}

// setStored makes rec what is stored, and its data the session's.
func (s *state) setStored(rec Record) {
	s.data = rec.Data
	if s.data == nil {
		s.data = new(serializer.Dict)
	}
	rec.Data = nil // s.data is ahead of it from now on
	s.stored = rec
}

func (s *state) isEmpty() bool { return s.stored.Key == "" && s.data.Len() == 0 && !s.cycling }

// needsCookie reports whether a save would give the session a key that the browser
// does not have.
func (s *state) needsCookie(site *Sessions) bool {
	return s.stored.Key == "" || s.cycling || site.caps.ChoosesKeys
}

// Key returns the key under which the session is stored, empty if it is not
// stored yet. After CycleKey it is the old key until the session is saved.
// Django's session_key. Treat it as the secret it is.
func (s *Session) Key() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stored.Key
}

// IsEmpty reports whether the session has neither a key nor data, which makes
// the middleware delete its cookie. Django's is_empty.
func (s *Session) IsEmpty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isEmpty()
}

// Accessed reports whether the session was used, which makes the response vary
// on the cookie. [Sessions.Get] counts as a use. Django's accessed.
func (s *Session) Accessed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accessed
}

// Modified reports whether the session was changed, or marked so, since it was
// loaded. Saving does not reset it. Django's modified.
func (s *Session) Modified() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.modified
}

// Sealed reports whether the headers of the session's response have gone, so that the
// browser can be told no new key: a login comes too late.
func (s *Session) Sealed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sealed
}

// MarkModified has the session saved, its expiry renewed and its cookie sent
// again, even if nothing was set. Django's session.modified = True.
func (s *Session) MarkModified() { s.changeOrLog(s.touch) }

// CycleKey gives the session a new key when it is saved, and keeps its data:
// what a login does, so that a key known before it is worth nothing after it.
// Old key and new key change places in one atomic step. Django's cycle_key,
// which differs in that it acts at once and also brings back a session that was
// deleted meanwhile; here that is [ErrInterrupted].
func (s *Session) CycleKey() {
	s.changeOrLog(func() {
		s.cycling = true
		s.touch()
	})
}

// Renew sets key to v and gives the session a new key, as Set and CycleKey do, but
// only if it can: once the response's headers have gone it does nothing; and if
// nothing else was changed when the session is saved, and the session has been deleted
// meanwhile or its new key can no longer reach the browser, the renewal is dropped
// without an error. So of several requests that renew one session at once, one does
// and none fails. Set's errors.
func (s *Session) Renew(key string, v any) error {
	val, err := encode(key, v)
	if err != nil {
		return err
	}
	return s.change(func() {
		if s.sealed {
			return
		}
		alone := s.optional || !s.unsaved.any()
		s.set(key, val)
		s.cycling, s.optional = true, alone
	})
}

// Clear removes all data and keeps the key. Django's clear.
func (s *Session) Clear() { s.changeOrLog(s.clear) }

// change does f, with the session locked, unless the session is over.
func (s *Session) change(f func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return s.over
	}
	f()
	return nil
}

// changeOrLog is change for methods that return no error: it does f in any case.
func (s *Session) changeOrLog(f func()) {
	s.mu.Lock()
	f()
	over := s.over
	s.mu.Unlock()
	if over != nil {
		s.site.logger.Error("session changed after its end, and not saved", slog.Any("error", over))
	}
}

// The methods below are called with the session locked.

// touch marks the session as to be saved.
func (s *Session) touch() {
	s.accessed, s.modified, s.touched = true, true, true
	s.optional, s.dropped = false, false
}

// own returns the dict for a change.
func (s *Session) own() *serializer.Dict {
	if s.shared {
		s.data, s.shared = s.data.Clone(), false
	}
	return s.data
}

func (s *Session) clear() {
	s.data, s.shared = new(serializer.Dict), false
	s.changes.clearAll()
	s.touch()
}

// begin waits until no other goroutine stores the session. me is the calling goroutine, as
// slot.Take has it. The caller then calls end.
func (s *Session) begin(ctx context.Context, me string) error {
	inside := ctx.Value(storing{s}) != nil // the store that holds the slot asks for it
	s.mu.Lock()
	defer s.mu.Unlock()
	if inside && s.slot.Busy() {
		return errNested
	}
	err := s.slot.Take(ctx, &s.mu, 0, me)
	if errors.Is(err, slot.ErrNested) {
		return errNested
	}
	return err
}

// storing marks the context that a store operation gets, so that a callback of the store's
// that asks for the session does not wait for it. of is the *Session or *request.
type storing struct{ of any }

func (s *Session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slot.Release()
}

// fail has the request fail.
func (s *Session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = err
}

// finish ends the session: a later change is lost, because of why. It reports whether
// one awaits a save already.
func (s *Session) finish(why error) (unsaved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = why
	return s.unsaved.any() && !s.isEmpty()
}
