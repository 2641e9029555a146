package django

import (
	"sync"

	"github.com/djsession/djsession/serializer"
)

// A Session is what a Django view calls request.session: an ordered dict that
// is shared with the Django site, with Django's SessionBase as its model.
//
// It is loaded once, by [Sessions.Get] or [Sessions.Load]; reading and changing
// it afterwards reaches no store and cannot fail for its sake. Only Save and
// Flush do. The request's session is saved by [Sessions.Middleware].
//
// A value stays in the bytes in which it was stored until it is asked for, and
// is written back byte for byte unless it is set. Reading a value gives a copy:
// after changing that copy, Set it.
//
// A Session may be used by several goroutines at once.
type Session struct {
	site *Sessions

	mu     sync.Mutex
	stored Record // as loaded or last saved; its Key is "" if it is in no store
	data   *serializer.Dict
	unsaved
	candidate string // a new key of which nobody knows whether it became the session's
	dropped   bool   // a Renew came too late, and nothing was changed since
	accessed  bool
	modified  bool
	abandoned bool          // see Abandon: the cookie is not this session's to delete
	updating  bool          // in the hands of an Update's function
	lent      chan struct{} // closed when the update that has a copy is over; else nil
	sealed    bool          // the response's headers have gone: no new cookie
	failed    error         // a Flush that failed and was not made good, or an Update of the request
}

// unsaved is what awaits a save.
type unsaved struct {
	changes  changes // since it was stored
	touched  bool    // to be saved even without changes
	cycling  bool    // to be saved under a new key
	optional bool    // nothing but a Renew awaits the save
}

func newSession(site *Sessions, rec Record) *Session {
	s := &Session{site: site}
	s.setStored(rec)
	return s
}

// setStored takes over what is stored now, with its data.
func (s *Session) setStored(rec Record) {
	if rec.Corrupt != nil {
		s.site.warnCorrupt(rec.Corrupt)
	}
	s.data = rec.Data
	if s.data == nil {
		s.data = new(serializer.Dict)
	}
	rec.Data = nil // s.data is ahead of it from now on
	s.stored = rec
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

func (s *Session) isEmpty() bool { return s.stored.Key == "" && s.data.Len() == 0 && !s.cycling }

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

// MarkModified has the session saved, its expiry renewed and its cookie sent
// again, even if nothing was set. Django's session.modified = True.
func (s *Session) MarkModified() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.touch()
}

// touch marks the session as to be saved.
func (s *Session) touch() {
	s.accessed, s.modified, s.touched = true, true, true
	s.optional, s.dropped = false, false
}

// CycleKey gives the session a new key when it is saved, and keeps its data:
// what a login does, so that a key known before it is worth nothing after it.
// Old key and new key change places in one atomic step. Django's cycle_key,
// which differs in that it acts at once and also brings back a session that was
// deleted meanwhile; here that is [ErrInterrupted].
func (s *Session) CycleKey() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cycling = true
	s.touch()
}

// Renew sets key to v and gives the session a new key, as Set and CycleKey do, in
// a session that can also do without: once the response's headers have gone it
// does nothing, and if nothing else was changed when the session is saved, and it
// has been deleted meanwhile or its new key can no longer reach the browser, the
// renewal is dropped without an error. So of several requests that renew one
// session at once, one does and none fails. Set's errors.
func (s *Session) Renew(key string, v any) error {
	val, err := encode(key, v)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sealed {
		return nil
	}
	alone := s.optional || !s.unsaved.any()
	s.set(key, val)
	s.cycling, s.optional = true, alone
	return nil
}

// Clear removes all data and keeps the key. Django's clear.
func (s *Session) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

func (s *Session) clear() {
	s.data.Clear()
	s.changes.clearAll()
	s.touch()
}
