package django

import (
	"context"
	"errors"
)

// updating is a running update.
type updating struct {
	f      func(*Session) error
	me     string // the goroutine
	newKey bool   // the session may get a new key: a cookie can be sent
	own    bool   // it failed because of f or its caller, not because of the store
}

// updateInTurn is update, after the other updates of the session in this process.
func (s *Session) updateInTurn(ctx context.Context, u *updating) error {
	if key := s.Key(); key != "" {
		done, err := s.site.turns.take(ctx, key, u.me)
		if err != nil {
			u.own = errors.Is(err, errNested)
			return err
		}
		defer done()
	}
	return s.update(ctx, u)
}

// update runs f on copies of the session until one of them is stored, which becomes the
// session's state.
func (s *Session) update(ctx context.Context, u *updating) error {
	if err := s.begin(ctx, u.me); err != nil {
		u.own = errors.Is(err, errNested)
		return err
	}
	defer s.end()
	base, err := s.take()
	if err != nil {
		return err
	}
	stored := false
	defer func() { s.giveBack(base, stored) }() // f may have panicked, too
	var conflicts conflicts
	for {
		d, err := s.run(base, u)
		if err != nil {
			return err
		}
		current, err := s.storeOnce(ctx, u, d)
		if err == nil {
			*base, stored = *d, true
			return nil
		}
		base.candidate = d.candidate
		if !errors.Is(err, ErrConflict) {
			u.own = u.own || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrExpiry) && base.expires()
			return err
		}
		if d.stored.Key != base.stored.Key { // it was found under the new key
			base.cycling = false
			base.rebase(Record{Key: current.Key, Version: current.Version, Data: current.Data.Clone()})
		}
		if err := conflicts.resolve(ctx, base, current, err); err != nil {
			return err
		}
	}
}

// expires reports whether the draft's expiry can be used.
func (d *draft) expires() bool {
	_, err := d.session.site.lifetime(d.data)
	return err == nil
}

// run calls f with a copy of base and returns the result.
func (s *Session) run(base *draft, u *updating) (*draft, error) {
	copied := s.copyOf(base, u)
	defer copied.finish(errUpdateOver)
	defer s.disown()
	if err := u.f(copied); err != nil {
		u.own = true
		return nil, err
	}
	copied.mu.Lock()
	defer copied.mu.Unlock()
	copied.over = errUpdateOver // with what is taken here, nothing is lost
	d := &draft{session: s, state: copied.state, epoch: base.epoch}
	copied.unsaved, copied.shared = unsaved{}, true
	if !u.newKey && d.unsaved.any() && !d.isEmpty() && d.needsCookie(s.site) {
		return nil, errNewKeyUpdate
	}
	return d, nil
}

// copyOf returns a session for f, and notes that f is about to run.
func (s *Session) copyOf(base *draft, u *updating) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slot.SetOwner(u.me)
	copied := &Session{
		site:     s.site,
		state:    base.state,
		shared:   true,
		accessed: s.accessed,
		modified: s.modified,
		sealed:   s.sealed || !u.newKey, // so that a renewal is dropped
		updating: true,
	}
	copied.changes = base.changes.clone()
	return copied
}

func (s *Session) disown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.slot.SetOwner("")
}

// storeOnce tries once to store the result of f. A conflict comes with the record that is
// stored now.
func (s *Session) storeOnce(ctx context.Context, u *updating, d *draft) (current Record, err error) {
	if !d.unsaved.any() || d.isEmpty() {
		return current, nil
	}
	if err = s.tooLate(d, false); err == nil {
		current, err = d.put(ctx, false) // f has to see what is stored
	} else {
		u.own = true
	}
	switch {
	case err == nil:
		s.saved()
	case d.drop(err):
		err = nil
	}
	return current, err
}
