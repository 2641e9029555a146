package django

import (
	"context"
	"errors"
	"fmt"
)

// update runs f on copies of the session until one of them is stored, and takes
// that over. Until then the session is as it was.
func (s *Session) update(ctx context.Context, f func(*Session) error) error {
	base, err := s.lend(ctx)
	if err != nil {
		return err
	}
	var landed *Session
	defer func() { s.takeBack(base, landed) }() // f may have panicked, too
	var conflicts conflicts
	for {
		run := base.fork()
		run.updating = true
		if err := f(run); err != nil {
			return err
		}
		is, err := run.landOnce(ctx)
		if err == nil {
			landed = run
			return nil
		}
		if !errors.Is(err, ErrConflict) {
			base.candidate = run.candidate
			return err
		}
		if err := conflicts.again(ctx, base.stored, is, err); err != nil {
			return err
		}
		base.rebase(is)
	}
}

// landOnce tries once to store what f made of the session, and returns of a conflict
// what is stored now.
func (s *Session) landOnce(ctx context.Context) (is Record, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.updating = false
	if !s.unsaved.any() || s.isEmpty() {
		return is, nil
	}
	err = s.saveBy(ctx, func(ctx context.Context) (rec Record, err error) {
		is, err = s.putOnce(ctx)
		return is, err
	})
	return is, err
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
// longer has. Until takeBack nothing else can store the session; what is changed in it
// meanwhile comes after what the copy becomes.
func (s *Session) lend(ctx context.Context) (*Session, error) {
	if err := s.lockIdle(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	if s.failed != nil {
		return nil, s.failed
	}
	base := s.fork()
	s.unsaved = unsaved{}
	s.lent = make(chan struct{})
	return base, nil
}

// takeBack ends lend: the session goes on from what was stored of the copy, or, if
// nothing was, from where it stood.
func (s *Session) takeBack(base, landed *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.lent)
	s.lent = nil
	if landed != nil {
		s.stored, s.data = landed.stored, landed.data
		s.changes.apply(s.data)
		s.candidate, s.dropped = landed.candidate, landed.dropped
		s.modified = s.modified || landed.modified
		return
	}
	later := s.unsaved
	s.unsaved = base.unsaved
	s.candidate = base.candidate
	s.changes.then(later.changes)
	s.touched = s.touched || later.touched
	s.cycling = s.cycling || later.cycling
	s.optional = s.optional && !later.any() || later.optional && !base.any()
}

// lockIdle locks the session once no update has it. An update whose own function
// saves or flushes the session of the request, and not the one it was given, would
// wait for itself: therefore it waits no longer than for the store.
func (s *Session) lockIdle(ctx context.Context) error {
	s.mu.Lock()
	if s.lent == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.site.timeout)
	defer cancel()
	for s.lent != nil {
		over := s.lent
		s.mu.Unlock()
		select {
		case <-over:
		case <-ctx.Done():
			return fmt.Errorf("django: the session is in the hands of an Update, whose function may change only the session it is given: %w", ctx.Err())
		}
		s.mu.Lock()
	}
	return nil
}

// fail has the request fail.
func (s *Session) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = err
}
