package django

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/djsession/djsession/serializer"
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
		leave, err := s.site.queues.enter(ctx, key, u.me)
		if err != nil {
			u.own = errors.Is(err, errNested)
			return err
		}
		defer leave()
	}
	return s.update(ctx, u)
}

// update runs f on copies of the session until one of them is stored, which becomes the
// session's state.
func (s *Session) update(ctx context.Context, u *updating) error {
	if err := s.begin(ctx, 0, u.me); err != nil {
		u.own = errors.Is(err, errNested)
		return err
	}
	defer s.leave()
	base, err := s.take()
	if err != nil {
		return err
	}
	saved := false
	defer func() { s.giveBack(base, saved) }() // f may have panicked, too
	var conflicts conflicts
	for {
		d, err := s.run(base, u)
		if err != nil {
			u.own = true
			s.observed.drop()
			return err
		}
		var current Record // after a conflict
		if d.unsaved.any() && !d.isEmpty() {
			err = d.unlessTooLate(false, func() (err error) {
				current, err = d.put(ctx, false) // f has to see what is stored
				return err
			})
		} else {
			s.observed.drop()
		}
		if err == nil {
			*base, saved = *d, true
			return nil
		}
		base.candidate = d.candidate
		if !errors.Is(err, ErrConflict) {
			_, before := s.site.lifetime(base.data)
			u.own = errors.Is(err, ErrHeadersSent) || errors.Is(err, ErrTooLarge) || errors.Is(err, serializer.ErrFormat) || errors.Is(err, ErrExpiry) && before == nil
			return err
		}
		if d.stored.Key != base.stored.Key { // it was found under the new key
			base.cycling = false
		}
		if err := conflicts.resolve(ctx, base, current, err); err != nil {
			s.observed.done(err)
			return err
		}
		s.observed.resume()
	}
}

// run calls f with a copy of base and returns the result.
func (s *Session) run(base *draft, u *updating) (*draft, error) {
	copied := s.copyOf(base, u)
	defer copied.finish(errUpdateOver)
	if err := u.f(copied); err != nil {
		return nil, err
	}
	copied.finish(errUpdateOver)
	d, err := copied.take()
	if err != nil {
		return nil, err
	}
	d.session, d.epoch = s, base.epoch
	if !u.newKey && d.unsaved.any() && !d.isEmpty() && d.needsCookie(s.site) {
		return nil, errNewKeyUpdate
	}
	return d, nil
}

// copyOf returns a session for f.
func (s *Session) copyOf(base *draft, u *updating) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	copied := &Session{site: s.site, state: base.state, shared: true, accessed: s.accessed, sealed: s.sealed, updating: true}
	copied.changes = base.changes.clone()
	if !u.newKey { // so that a renewal is dropped
		copied.sealed = new(atomic.Bool)
		copied.sealed.Store(true)
	}
	return copied
}
