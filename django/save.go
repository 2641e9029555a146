package django

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Save stores the session now. A session that has no key yet is created;
// otherwise the stored one is replaced if nobody else wrote it since it was
// loaded, in one round trip. If somebody did, the changes made here are applied
// on top of what is stored now, until that succeeds or ctx ends. The expiry is
// reckoned anew from the merged data.
//
// A session that is gone is [ErrInterrupted] and stays gone. Any other error is
// the store's, whose outcome may be unknown; calling Save again is harmless. Only
// after CycleKey may that be [ErrInterrupted] because the first one did succeed:
// the session then lives under a key that nobody was told.
//
// The middleware saves the request's session by itself; Save is for a session
// of [Sessions.Load] and for a handler that must know the outcome. Django's save.
func (s *Session) Save(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.save(ctx)
}

// save saves the changes, or drops a renewal for which it is too late.
func (s *Session) save(ctx context.Context) error {
	err := s.saveChanges(ctx)
	if s.optional && (errors.Is(err, ErrInterrupted) || errors.Is(err, ErrHeadersSent)) {
		s.settle()
		s.dropped = true
		return nil
	}
	return err
}

func (s *Session) saveChanges(ctx context.Context) error {
	if s.failed != nil {
		return s.failed
	}
	if s.sealed && (s.cycling || s.stored.Key == "") {
		return ErrHeadersSent
	}
	var rec Record
	var err error
	if s.stored.Key == "" {
		rec, err = s.create(ctx)
	} else {
		rec, err = s.replace(ctx)
	}
	if err != nil {
		return err
	}
	rec.Data = nil // s.data is ahead of it from now on
	s.stored = rec
	s.settle()
	s.modified = true // the cookie is due
	return nil
}

// settle notes that nothing awaits a save any more.
func (s *Session) settle() {
	s.changes.reset()
	s.touched, s.cycling, s.optional = false, false, false
}

// pending reports whether anything awaits a save.
func (s *Session) pending() bool { return s.touched || s.cycling || s.changes.any() }

// create stores the session under a new key.
func (s *Session) create(ctx context.Context) (rec Record, err error) {
	life, err := s.site.lifetime(s.data)
	if err != nil {
		return rec, err
	}
	err = s.site.withNewKey(func(key string) error {
		rec, err = s.site.store.Create(ctx, key, s.data, life.date)
		return err
	})
	return rec, err
}

// replace swaps the stored session for this one, merging as often as another
// writer is faster.
func (s *Session) replace(ctx context.Context) (rec Record, err error) {
	blind := 0 // conflicts in a row that showed no other version
	for attempt := 0; ; attempt++ {
		rec, err = s.swap(ctx)
		switch {
		case errors.Is(err, ErrNotFound):
			return rec, ErrInterrupted
		case !errors.Is(err, ErrConflict):
			return rec, err
		case rec.Version == nil:
			return rec, err // the store cannot show what is there now
		}
		if rec.Version == s.stored.Version {
			if blind++; blind == maxBlind {
				return rec, err
			}
		} else {
			blind = 0
		}
		s.rebase(rec)
		if err := pause(ctx, attempt); err != nil {
			return rec, err
		}
	}
}

// maxBlind is how often a conflict may show the version that was just refused:
// somebody may have written it back meanwhile, or a transaction's snapshot hides
// what is there now and always will.
const maxBlind = 3

// swap tries once, under a new key if the key is being cycled.
func (s *Session) swap(ctx context.Context) (rec Record, err error) {
	life, err := s.site.lifetime(s.data)
	if err != nil {
		return rec, err
	}
	u := Update{Key: s.stored.Key, Expires: life.date}
	if s.changes.any() {
		u.Data = s.data
	}
	if !s.cycling {
		return s.site.store.Save(ctx, s.stored, u)
	}
	err = s.site.withNewKey(func(key string) error {
		u.Key = key
		rec, err = s.site.store.Save(ctx, s.stored, u)
		return err
	})
	return rec, err
}

// rebase puts the changes on top of what is stored now.
func (s *Session) rebase(rec Record) {
	s.setStored(rec)
	s.changes.apply(s.data)
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

// pause lets other writers finish after several conflicts in a row.
func pause(ctx context.Context, attempt int) error {
	if attempt < 2 {
		return ctx.Err()
	}
	t := time.NewTimer(jitter(min(time.Duration(attempt)*time.Millisecond, 20*time.Millisecond)))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Flush removes the session: its data, and, at once, whatever the response will
// be, the stored session with its key. A change made afterwards makes a new
// session under a new key. If the store fails, the session stays as it was and
// so does the login: the request then ends in an error, unless a later Flush
// succeeds. Django's flush.
func (s *Session) Flush(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accessed = true
	if s.stored.Key != "" {
		if err := s.site.store.Delete(ctx, s.stored.Key); err != nil {
			s.failed = err
			return err
		}
	}
	s.failed = nil
	s.stored = Record{}
	s.clear()
	s.cycling = false
	return nil
}
