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
// A session that is gone is [ErrInterrupted] and stays gone. Where a connection
// broke in mid-commit, Save tries again by itself for a while, since setting and
// deleting keys twice does no harm; if that does not help, the error is
// [ErrOutcomeUnknown]. Any other error is the store's, and nothing was stored.
// After an error the changes are still there, to be saved again.
//
// The middleware saves the request's session by itself; Save is for a session
// of [Sessions.Load] and for a handler that must know the outcome. Django's save.
func (s *Session) Save(ctx context.Context) error {
	if err := s.lockIdle(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.updating {
		return errInUpdate
	}
	return s.save(ctx)
}

// save saves the changes, as often as it takes.
func (s *Session) save(ctx context.Context) error { return s.saveBy(ctx, s.put) }

// saveBy has put store the changes, or drops a renewal for which it is too late.
func (s *Session) saveBy(ctx context.Context, put func(context.Context) (Record, error)) error {
	err := s.saveChanges(ctx, put)
	if s.optional && (errors.Is(err, ErrInterrupted) || errors.Is(err, ErrHeadersSent)) {
		s.settle()
		s.dropped = true
		return nil
	}
	return err
}

func (s *Session) saveChanges(ctx context.Context, put func(context.Context) (Record, error)) error {
	if s.failed != nil {
		return s.failed
	}
	if s.sealed && (s.cycling || s.stored.Key == "") {
		return ErrHeadersSent
	}
	rec, err := put(ctx)
	if errors.Is(err, ErrNotFound) {
		return ErrInterrupted
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
	s.unsaved = unsaved{}
	s.candidate = ""
}

// any reports whether anything awaits a save.
func (u *unsaved) any() bool { return u.touched || u.cycling || u.changes.any() }

// put stores the session, merging as often as another writer is faster, and trying
// again for a while if nobody knows whether it was stored.
func (s *Session) put(ctx context.Context) (Record, error) {
	var conflicts conflicts
	var doubt doubt
	for {
		rec, err := s.putOnce(ctx)
		switch {
		case errors.Is(err, ErrConflict):
			if err = conflicts.again(ctx, s.stored, rec, err); err == nil {
				s.rebase(rec)
			}
		case err == nil, errors.Is(err, ErrNotFound):
			return rec, err
		default:
			err = doubt.again(ctx, s, err)
		}
		if err != nil {
			return rec, doubt.or(err)
		}
	}
}

// putOnce tries once, under a new key if the session has none or it is being cycled.
func (s *Session) putOnce(ctx context.Context) (rec Record, err error) {
	life, err := s.site.lifetime(s.data)
	if err != nil {
		return rec, err
	}
	store := s.site.store
	u := Update{Key: s.stored.Key, Expires: life.date}
	if s.changes.any() {
		u.Data = s.data
	}
	if s.stored.Key != "" && !s.cycling {
		return store.Save(ctx, s.stored, u)
	}
	if s.stored.Key == "" {
		// In doubt, another key is taken: nobody has this one, so that a session that
		// comes to be under it late is nobody's.
		err = s.site.withNewKey(func(key string) error {
			rec, err = store.Create(ctx, key, s.data, life.date)
			return err
		})
		return rec, err
	}
	move := func(key string) error {
		u.Key = key
		rec, err = store.Save(ctx, s.stored, u)
		return err
	}
	if s.candidate != "" {
		switch err := move(s.candidate); {
		case errors.Is(err, ErrNotFound):
			return s.adopt(ctx)
		case !errors.Is(err, ErrExists):
			return rec, err
		}
	}
	err = s.site.withNewKey(func(key string) error {
		err := move(key)
		if errors.Is(err, ErrOutcomeUnknown) {
			s.candidate = key
		}
		return err
	})
	return rec, err
}

// adopt finds out whether the session has moved to the new key in an attempt of
// which that was not known. Nobody has been told that key, so that whatever is under
// it is what was stored then. It is returned as a conflict, to go on from.
func (s *Session) adopt(ctx context.Context) (Record, error) {
	rec, err := s.site.store.Load(ctx, s.candidate, s.site.codec.now())
	if err != nil {
		return rec, err
	}
	s.cycling, s.candidate = false, ""
	return rec, ErrConflict
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

// maxBlind is how often a conflict may show the version that was just refused:
// somebody may have written it back meanwhile, or a transaction's snapshot hides
// what is there now and always will.
const maxBlind = 3

// conflicts counts those in a row that showed no other version.
type conflicts int

// again returns nil if it is worth another try, else why not: was is what was
// believed to be stored, is what the store says with err. There is no pause: one of
// those who meet did store, and who waits only loses again to those who do not.
func (c *conflicts) again(ctx context.Context, was, is Record, err error) error {
	if is.Version == nil {
		return err // the store cannot show what is there now
	}
	if err := is.tooLarge(); err != nil {
		return err
	}
	if is.Version != was.Version {
		*c = 0
	} else if *c++; *c == maxBlind {
		return err
	}
	return ctx.Err()
}

// doubt is what is not known of a save: whether an attempt whose connection broke
// has been stored. It is there from the first such attempt on.
type doubt struct {
	err   error
	until time.Time
	pause time.Duration
}

// patience is how long a save in doubt is tried again. If the doubt is about a cycled
// key, the session is lost without an answer: then it is the site's timeout.
const patience = time.Second

// again returns nil once it is worth another try of a save that failed with err.
func (d *doubt) again(ctx context.Context, s *Session, err error) error {
	now := time.Now()
	if d.err == nil {
		if !errors.Is(err, ErrOutcomeUnknown) {
			return err
		}
		*d = doubt{err: err, until: now.Add(patience), pause: 5 * time.Millisecond}
		if s.candidate != "" {
			d.until = now.Add(s.site.timeout)
		}
	}
	if now.After(d.until) {
		return d.err
	}
	d.pause = min(2*d.pause, 200*time.Millisecond)
	if err := pause(ctx, d.pause); err != nil {
		return err
	}
	// A read, which may be repeated, gets past the connections that are dead, so that
	// the next attempt does not meet them one by one.
	key := s.stored.Key
	if key == "" {
		key, _ = newKey(s.site.random) // any
	}
	_, _ = s.site.store.Load(ctx, key, s.site.codec.now())
	return nil
}

// or returns err, or the doubt, which outlives whatever other attempts failed of.
func (d *doubt) or(err error) error {
	if d.err != nil {
		return d.err
	}
	return err
}

// pause waits for about as long as d.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(jitter(d))
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
	if err := s.lockIdle(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.updating {
		return errInUpdate
	}
	s.accessed = true
	// A key of which nobody knows whether it became the session's goes, too: after the
	// one that it may still come from.
	for _, key := range []string{s.stored.Key, s.candidate} {
		if key == "" {
			continue
		}
		if err := s.site.store.Delete(ctx, key); err != nil {
			s.failed = err
			return err
		}
	}
	s.failed = nil
	s.stored = Record{}
	s.clear()
	s.cycling, s.candidate = false, ""
	return nil
}
