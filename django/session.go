package django

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/djsession/djsession/internal/slot"
	"github.com/djsession/djsession/serializer"
)

// A Session is request.session of a Django view: an ordered dict that is shared with the
// Django site. It follows Django's SessionBase.
//
// It is loaded once, by [Sessions.Get] or [Sessions.Load]. After that, reads and changes
// are in memory; only Save and Flush reach the store. [Sessions.Middleware] saves the
// request's session. A value that is not set is written back byte for byte. Reading returns
// a copy: Set it after changing it.
//
// A Session may be used by several goroutines at once. It ends with its request, or with
// the function of the Update that it was given to. After that, methods that return an error
// return [ErrSessionOver]; the others change it in memory only and log an error.
type Session struct {
	site *site

	slot     slot.Slot    // held while the session is stored
	observed *Observation // for who holds the slot: to be reported after it

	mu sync.Mutex // not held during I/O, callbacks and logging
	state
	epoch    uint32 // counts the calls of Abandon
	shared   bool   // data is used elsewhere too: copy it before a change
	accessed bool
	sealed   *atomic.Bool    // that of the request; nil without one
	updating bool            // it was given to the function of an Update
	failed   error           // why the request fails: a Flush or an UpdateRequest
	over     error           // why a change would be lost; nil until the session ends
	none     serializer.Dict // data of a new session
}

// state is what a session holds. It is stored from a copy, so that the session stays usable
// meanwhile; see draft.
type state struct {
	stored Record           // as loaded or last saved, without Data; Key is "" if it is not stored
	data   *serializer.Dict // with the changes
	unsaved
	modified  bool           // since it was loaded
	dropped   bool           // a renewal was dropped, and nothing was changed since
	candidate string         // the key of a CycleKey save whose outcome is unknown
	abandoned *storedSession // the session that Abandon left alone, or nil
}

// unsaved is what has to be saved.
type unsaved struct {
	changes  changes // since it was stored
	touched  bool    // save even without changes
	cycling  bool    // save under a new key
	optional bool    // nothing but a Renew

	before *serializer.Dict // the data before the Renew that is optional
}

// any reports whether there is anything to save.
func (u *unsaved) any() bool { return u.touched || u.cycling || u.changes.any() }

func newSession(site *site, rec Record) *Session {
	s := &Session{site: site}
	if rec.Data == nil {
		rec.Data = &s.none
	}
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

// dropRenewal undoes the Renew that is all that is unsaved.
func (s *state) dropRenewal() {
	s.data, s.unsaved = s.before, unsaved{}
}

func (s *state) isEmpty() bool { return s.stored.Key == "" && s.data.Len() == 0 && !s.cycling }

// needsCookie reports whether a save would give the session a key that the browser does not
// have.
func (s *state) needsCookie(site *site) bool {
	return s.stored.Key == "" || s.cycling || site.caps.ChoosesKeys
}

// Key returns the key under which the session is stored, empty if it is not stored yet, and
// the old one from CycleKey until the save. It is a secret. Django's session_key.
func (s *Session) Key() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stored.Key
}

// IsEmpty reports whether the session has neither a key nor data. The middleware then
// deletes its cookie. Django's is_empty.
func (s *Session) IsEmpty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isEmpty()
}

// Accessed reports whether the session was used, so that the response varies on the cookie.
// [Sessions.Get] counts as a use. Django's accessed.
func (s *Session) Accessed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accessed
}

// Modified reports whether the session was changed, or marked as changed, since it was
// loaded. Saving does not reset it. Django's modified.
func (s *Session) Modified() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.modified
}

// Sealed reports whether the response's headers were sent, so that the browser cannot get a
// new key: it is too late for a login.
func (s *Session) Sealed() bool { return s.sealed != nil && s.sealed.Load() }

// MarkModified makes the session be saved, with a new expiry and a new cookie, even if
// nothing was set. Django's session.modified = True.
func (s *Session) MarkModified() { s.changeOrLog(s.touch) }

// CycleKey gives the session a new key when it is saved, and keeps its data, as a login
// does to make the old key worthless. Django's cycle_key acts at once, and brings back a
// session that was deleted meanwhile; here that is [ErrInterrupted].
func (s *Session) CycleKey() {
	s.changeOrLog(func() {
		s.touch()
		s.cycling = true
	})
}

// Renew sets key to v and gives the session a new key, as Set and CycleKey do, if that is
// still possible. After the response's headers were sent it does nothing. If nothing else
// was changed, and the session was deleted meanwhile or its new key can no longer reach the
// browser, the save drops the renewal without an error: of several requests that renew one
// session at once, one succeeds and none fails. The errors are those of Set.
func (s *Session) Renew(key string, v any) error {
	val, err := s.encode(key, v)
	if err != nil {
		return err
	}
	return s.change(func() {
		if s.Sealed() {
			return
		}
		before := s.before
		if !s.unsaved.any() {
			before, s.shared = s.data, true
		}
		s.set(key, val)
		s.cycling, s.before, s.optional = true, before, before != nil
	})
}

// Clear removes all data and keeps the key. Django's clear.
func (s *Session) Clear() { s.changeOrLog(s.clear) }

// change calls f with the session locked, unless the session is over.
func (s *Session) change(f func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over != nil {
		return s.over
	}
	f()
	return nil
}

// changeOrLog is change for methods that return no error: it calls f in any case.
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

// touch marks the session as to be saved, before a change.
func (s *Session) touch() {
	if s.optional && s.Sealed() { // it is too late for the renewal
		s.dropRenewal()
		s.shared = true
	}
	s.accessed, s.modified, s.touched = true, true, true
	s.optional, s.before, s.dropped = false, nil, false
}

// own returns the dict for a change.
func (s *Session) own() *serializer.Dict {
	if s.shared {
		s.data, s.shared = s.data.Clone(), false
	}
	return s.data
}

func (s *Session) clear() {
	s.touch()
	s.data, s.shared = new(serializer.Dict), false
	s.changes.clearAll()
}

// begin waits until no other goroutine stores the session; the caller releases the slot. It
// is an error if the session is over by then. The parameters are those of slot.Take.
func (s *Session) begin(ctx context.Context, timeout time.Duration, me string) error {
	if ctx.Value(storing{s}) != nil && s.slot.Busy() {
		return errNested // the store that holds the slot asks for it
	}
	err := s.slot.Take(ctx, timeout, me)
	if errors.Is(err, slot.ErrNested) {
		return errNested
	}
	if err == nil {
		if err = s.change(func() {}); err != nil {
			s.slot.Release()
		}
	}
	return err
}

// storing is the context key of a store operation, so that a callback of the store that
// saves the session does not wait for itself.
type storing struct{ s *Session }

func (s *Session) storing(ctx context.Context) context.Context {
	return context.WithValue(ctx, storing{s}, true)
}

// fail makes the request fail.
func (s *Session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = err
}

// finish ends the session: a later change is lost because of why. It reports whether there
// is anything unsaved.
func (s *Session) finish(why error) (unsaved bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = why
	return s.unsaved.any() && !s.isEmpty()
}
