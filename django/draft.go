package django

import "errors"

// draft is a copy of a session's state, in the hands of the one goroutine that stores
// it.
type draft struct {
	session *Session
	state
	epoch int // of the session when the copy was made
}

// take returns a draft with what awaits a save, which the session then no longer has:
// what is changed in the session meanwhile comes on top of what the draft becomes. The
// caller has begun.
func (s *Session) take() (*draft, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil {
		return nil, s.failed
	}
	d := &draft{session: s, state: s.state, epoch: s.epoch}
	s.unsaved, s.shared = unsaved{}, true
	return d, nil
}

// giveBack ends take: the session goes on from what d has become. If d was not stored,
// its changes still have to be.
func (s *Session) giveBack(d *draft, stored bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.epoch != d.epoch { // it was abandoned meanwhile
		if s.abandoned != nil && d.stored.Key != "" {
			s.abandoned = &abandoned{d.stored.Key, d.data}
		}
		return
	}
	later := s.unsaved
	s.state, s.shared = d.state, true
	if later.any() {
		later.changes.apply(s.own())
		s.dropped = false
	}
	if stored {
		s.unsaved = later
		return
	}
	s.changes.then(&later.changes)
	s.touched = s.touched || later.touched
	s.cycling = s.cycling || later.cycling
	s.optional = (d.optional || !d.unsaved.any()) && (later.optional || !later.any())
}

// settle notes that nothing awaits a save any more.
func (d *draft) settle() {
	d.unsaved = unsaved{}
	d.candidate = ""
}

// drop reports whether err means that it is too late for a renewal, which nothing else
// awaits a save beside, and then drops it.
func (d *draft) drop(err error) bool {
	if !d.optional || !errors.Is(err, ErrInterrupted) && !errors.Is(err, ErrHeadersSent) {
		return false
	}
	d.settle()
	d.dropped = true
	return true
}

// rebase puts the changes on top of what is stored now.
func (d *draft) rebase(rec Record) {
	d.setStored(rec)
	d.changes.apply(d.data)
}
