package django

import (
	"context"
	"errors"
	"fmt"
)

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

// put tries once to store the draft: under a new key if the session has none or if its
// key is to be cycled. A conflict comes with the record that is stored now.
func (d *draft) put(ctx context.Context) (Record, error) {
	ctx = context.WithValue(ctx, storing{d.session}, true)
	life, err := d.session.site.lifetime(d.data)
	if err != nil {
		return Record{}, err
	}
	rec, err := d.putUntil(ctx, life)
	switch {
	case errors.Is(err, ErrNotFound):
		err = ErrInterrupted
	case err == nil:
		rec.Data = nil
		d.stored = rec
		d.settle()
	}
	return rec, err
}

func (d *draft) putUntil(ctx context.Context, life lifetime) (rec Record, err error) {
	store := d.session.site.store
	u := Update{Key: d.stored.Key, Expires: life.date}
	if d.changes.any() {
		u.Data = d.data
	}
	if !d.needsCookie() {
		return store.Save(ctx, d.stored, u)
	}
	if d.stored.Key == "" {
		// After an unknown outcome another key is used: nobody has this one, so that a
		// session that appears under it late is nobody's.
		err = d.session.site.withNewKey(func(key string) error {
			rec, err = store.Create(ctx, key, d.data, life.date)
			return err
		})
		return rec, err
	}
	move := func(key string) error {
		u.Key = key
		rec, err = store.Save(ctx, d.stored, u)
		return err
	}
	if d.candidate != "" {
		switch err := move(d.candidate); {
		case errors.Is(err, ErrNotFound):
			return d.adopt(ctx)
		case !errors.Is(err, ErrExists):
			return rec, err
		}
	}
	err = d.session.site.withNewKey(func(key string) error {
		err := move(key)
		if errors.Is(err, ErrOutcomeUnknown) {
			d.candidate = key
		}
		return err
	})
	return rec, err
}

// adopt finds out whether the session has moved to the new key in an attempt whose
// outcome is unknown. Nobody has been told that key, so that whatever is under it is
// what was stored then. It is returned as a conflict, to go on from.
func (d *draft) adopt(ctx context.Context) (Record, error) {
	rec, err := d.session.site.store.Load(ctx, d.candidate, d.session.site.codec.Now())
	if err != nil {
		return rec, err
	}
	if _, err := d.session.site.readable(&rec); err != nil {
		return rec, err
	}
	d.cycling, d.candidate = false, ""
	found := rec
	found.Data = rec.Data.Clone() // the caller may start again from rec
	d.rebase(found)               // even if it is not stored now, it is known where it is
	return rec, ErrConflict
}

// rebase puts the changes on top of what is stored now.
func (d *draft) rebase(rec Record) {
	d.setStored(rec)
	d.changes.apply(d.data)
}

// withNewKey calls f with new keys until one is not taken.
func (ss *Sessions) withNewKey(f func(key string) error) error {
	for range 10 {
		key, err := newKey(ss.random)
		if err != nil {
			return err
		}
		if err = f(key); !errors.Is(err, ErrExists) {
			return err
		}
	}
	return fmt.Errorf("%w, ten times in a row: is the source of randomness broken?", ErrExists)
}
