package django

import (
	"cmp"
	"context"
	"errors"
)

// Save stores the session now: one of [Sessions.Load], or that of a handler that must know
// the outcome. Django's save.
//
// A session without a key is created. Otherwise the stored one is replaced, in one round
// trip, if nobody changed it since it was loaded. If somebody did, the changes made here
// are applied on top of what is stored now, until that succeeds or ctx ends.
//
// A session that is gone is [ErrInterrupted] and stays gone. If the connection breaks
// during the write, Save retries for a while; then the error is [ErrOutcomeUnknown]. If
// what another writer stored cannot be read, the error is that of [Sessions.Load]. After
// any other error nothing was stored. After each the changes are kept, to be saved again.
//
// Saves of one session wait for each other, no longer than ctx.
func (s *Session) Save(ctx context.Context) error {
	if err := s.begin(ctx, 0, ""); err != nil {
		return err
	}
	defer s.leave()
	if s.updating {
		return errInUpdate
	}
	return s.save(ctx, false)
}

// save saves the changes, unless that needs a new cookie and none can be set. The caller
// has begun.
func (s *Session) save(ctx context.Context, noCookie bool) error {
	d, err := s.take()
	if err != nil {
		return err
	}
	saved := false
	defer func() { s.giveBack(d, saved) }() // the store may have panicked, too
	if d.abandoned != nil && d.isEmpty() {
		return nil
	}
	err = d.unlessTooLate(noCookie, func() error { return d.save(ctx) })
	saved = err == nil
	return err
}

// unlessTooLate calls save, unless that needs a new cookie and none can be set. A renewal
// for which it is too late is dropped, without an error.
func (d *draft) unlessTooLate(noCookie bool, save func() error) error {
	err := error(ErrHeadersSent)
	if !noCookie && !d.session.Sealed() || !d.needsCookie(d.site) {
		err = save()
	}
	d.session.observed.done(err)
	if d.optional && (errors.Is(err, ErrInterrupted) || errors.Is(err, ErrHeadersSent)) {
		d.dropRenewal()
		d.session.observed.drop()
		d.candidate, d.dropped = "", true
		return nil
	}
	return err
}

// save stores the draft. It merges and retries after conflicts, and retries for a while
// after an unknown outcome.
func (d *draft) save(ctx context.Context) error {
	var conflicts conflicts
	var retry retry
	for {
		rec, err := d.put(ctx, true)
		switch {
		case err == nil, errors.Is(err, ErrInterrupted):
			return err
		case errors.Is(err, ErrConflict):
			err = conflicts.resolve(ctx, d, rec, err)
		default:
			err = retry.wait(ctx, d, err)
		}
		if err != nil {
			return cmp.Or(retry.err, err)
		}
	}
}
