package django

import (
	"context"
	"errors"
)

// Save stores the session now. A session that has no key yet is created;
// otherwise the stored one is replaced if nobody else wrote it since it was
// loaded, in one round trip. If somebody did, the changes made here are applied
// on top of what is stored now, until that succeeds or ctx ends. The expiry is
// calculated anew from the merged data.
//
// A session that is gone is [ErrInterrupted] and stays gone. If the connection
// breaks during the commit, Save tries again by itself for a while, since setting and
// deleting keys twice does no harm; if that does not help, the error is
// [ErrOutcomeUnknown]. If another writer stored what cannot be read here, the error is
// that of [Sessions.Load]. Any other error is the store's, and nothing was stored.
// After an error the changes are still there, to be saved again.
//
// Saves of one session wait for each other, no longer than ctx. The middleware saves
// the request's session by itself; Save is for a session of [Sessions.Load] and for a
// handler that must know the outcome. Django's save.
func (s *Session) Save(ctx context.Context) error {
	if s.updating {
		return errInUpdate
	}
	if err := s.begin(ctx, ""); err != nil {
		return err
	}
	defer s.end()
	return s.save(ctx, false)
}

// save saves the changes, as often as it takes, unless that needs a cookie where there
// can be none. The caller has begun.
func (s *Session) save(ctx context.Context, noCookie bool) error {
	d, err := s.take()
	if err != nil {
		return err
	}
	stored := false
	defer func() { s.giveBack(d, stored) }() // the store may have panicked, too
	if d.abandoned != nil && d.isEmpty() {
		return nil
	}
	if err = s.tooLate(d, noCookie); err == nil {
		err = d.save(ctx)
	}
	switch {
	case err == nil:
		stored = true
		s.saved()
	case d.drop(err):
		stored, err = true, nil
	}
	return err
}

// tooLate returns [ErrHeadersSent] if the save would need a cookie that can no longer
// be sent.
func (s *Session) tooLate(d *draft, noCookie bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if (s.sealed || noCookie) && d.needsCookie(s.site) {
		return ErrHeadersSent
	}
	return nil
}

// saved notes that the cookie is due.
func (s *Session) saved() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.modified = true
}

// save stores the draft, merging as often as another writer is faster, and trying again
// for a while after an unknown outcome.
func (d *draft) save(ctx context.Context) error {
	var conflicts conflicts
	var doubt doubt
	for {
		rec, err := d.put(ctx, true)
		switch {
		case err == nil, errors.Is(err, ErrInterrupted):
			return err
		case errors.Is(err, ErrConflict):
			err = conflicts.resolve(ctx, d, rec, err)
		default:
			err = doubt.retry(ctx, d, err)
		}
		if err != nil {
			return doubt.orErr(err)
		}
	}
}
