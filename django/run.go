package django

import (
	"context"
	"errors"
)

// update runs f on copies of the session until one of them is stored, and takes
// that over. Until then the session is as it was.
func (s *Session) update(ctx context.Context, f func(*Session) error) error {
	base, err := s.lend()
	if err != nil {
		return err
	}
	lent, landed := base.stored.Version, false
	defer func() {
		if !landed { // f may have panicked, too
			s.takeBack(base)
		}
	}()
	var conflicts conflicts
	for {
		run := base.fork()
		run.updating = true
		if err := f(run); err != nil {
			return err
		}
		is, done, err := run.landOnce(ctx)
		if err == nil {
			landed = true
			s.takeOver(lent, run, done)
			return nil
		}
		if !errors.Is(err, ErrConflict) {
			return err
		}
		if err := conflicts.again(ctx, base.stored, is, err); err != nil {
			return err
		}
		base.rebase(is)
	}
}

// landOnce tries once to store what f made of the session. It returns the changes
// that this took, and of a conflict what is stored now.
func (s *Session) landOnce(ctx context.Context) (is Record, done changes, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.updating = false
	done = s.changes.clone()
	if !s.unsaved.any() || s.isEmpty() {
		return is, done, nil
	}
	err = s.saveBy(ctx, func(ctx context.Context) (rec Record, err error) {
		is, err = s.putOnce(ctx)
		return is, err
	})
	return is, done, err
}

// fork returns a copy that shares nothing with the session.
func (s *Session) fork() *Session {
	return &Session{
		site:      s.site,
		stored:    s.stored,
		data:      s.data.Clone(),
		unsaved:   s.unsaved.clone(),
		candidate: s.candidate,
		accessed:  s.accessed,
		modified:  s.modified,
		sealed:    s.sealed,
	}
}

func (u *unsaved) clone() unsaved {
	c := *u
	c.changes = u.changes.clone()
	return c
}

// lend returns a copy with what awaits a save, which the session itself then no
// longer has: what other goroutines change from now on comes after it.
func (s *Session) lend() (*Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.failed != nil:
		return nil, s.failed
	case s.updating:
		return nil, errInUpdate
	}
	base := s.fork()
	s.unsaved = unsaved{}
	return base, nil
}

// takeBack undoes lend.
func (s *Session) takeBack(base *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	later := s.unsaved
	s.unsaved = base.unsaved
	s.changes.then(later.changes)
	s.touched = s.touched || later.touched
	s.cycling = s.cycling || later.cycling
	s.optional = s.optional && !later.any() || later.optional && !base.any()
}

// takeOver has the session go on from what run has stored; lent is the version that
// it had when run was begun.
func (s *Session) takeOver(lent any, run *Session, done changes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stored.Version == lent || run.stored.Key != s.stored.Key {
		s.stored, s.data = run.stored, run.data
		s.changes.apply(s.data)
	} else {
		done.apply(s.data) // another goroutine saved meanwhile: the next save merges
	}
	s.candidate, s.dropped = run.candidate, run.dropped
	s.modified = s.modified || run.modified
}

// refresh loads what is stored now, under what awaits a save.
func (s *Session) refresh(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec, err := s.site.store.Load(ctx, s.stored.Key, s.site.codec.now())
	if errors.Is(err, ErrNotFound) {
		return ErrInterrupted
	}
	if err == nil {
		s.rebase(rec)
	}
	return err
}

// fail has the request fail.
func (s *Session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = err
}
