package django

import (
	"context"
	"errors"
	"net/http"
)

var (
	errInUpdate      = errors.New("django: Save and Flush cannot be called in the function of an Update, which saves the session itself")
	errNested        = errors.New("django: called inside the function of an Update of the same session; change the session that the function is given")
	errCycleInUpdate = errors.New("django: CycleKey cannot be called in the function of Sessions.Update, since nobody would learn the new key; use UpdateRequest, or Load and Save")
)

// Update loads the session under key, runs f on it and saves it. If another writer
// was faster, f runs again on what is stored now, until it was the first or ctx
// ends. So a value that f reads, changes and sets loses nothing to another
// Go process that uses Update, not even under the same key. Django's own
// save can still overwrite it.
//
//	err := sessions.Update(ctx, key, func(s *django.Session) error {
//		n, err := django.Value(s, "visits", 0)
//		if err != nil {
//			return err
//		}
//		return s.Set("visits", n+1)
//	})
//
// f may run several times and should do nothing but read and change the session it
// is given: neither save nor flush it, nor update the same session again, which is
// an error. An error of f's ends the update and is returned; nothing
// is saved then, as when f panics. If f changes nothing, nothing is written. A new key,
// which the caller would not learn, is refused with an error.
//
// No session is [ErrNotFound], one that was deleted meanwhile [ErrInterrupted], one
// that cannot be read [ErrCorrupt] or [ErrUnreadable], as from [Sessions.Load]. If
// the connection broke, or ctx ended, while the session was being saved, the error is
// [ErrOutcomeUnknown]: f's changes were saved once or not at all, and only the caller
// can tell what to do. After any other error they were not saved. Updates of one session
// by one Sessions wait for each other. Safe for concurrent use.
func (ss *Sessions) Update(ctx context.Context, key string, f func(*Session) error) error {
	if !validKey(key) {
		return ErrNotFound
	}
	done, err := ss.turns.take(ctx, key)
	if err != nil {
		return err
	}
	defer done()
	s, err := ss.Load(ctx, key)
	if err != nil {
		return err
	}
	return s.update(ctx, func(s *Session) error {
		if err := f(s); err != nil {
			return err
		}
		if s.cycling {
			return errCycleInUpdate
		}
		return nil
	})
}

// UpdateRequest is Update for the session of r, as [Sessions.Get] returns it, which
// is saved with it at once: what was changed before and what f changes. A new
// session is created, unless it stays empty. It is for what must not be lost between
// two requests of one visitor: a cart, a counter, a one-time token.
//
// f is given a session of its own and must change that. When UpdateRequest returns
// nil, the session of Get holds the outcome, and the response gets its cookie, that of a
// session made new unless the status is 5xx. If the store failed, this request has
// failed: the middleware answers it, with 503 whatever the handler does, so that the
// handler just returns. After an error of f's everything is as it was.
//
// It ends with the deadline of r's context and after the time of [WithTimeout],
// not when the client has gone. Once the response's headers have gone, a session
// that needs a new cookie is [ErrHeadersSent].
func (ss *Sessions) UpdateRequest(r *http.Request, f func(*Session) error) error {
	q := ss.request(r.Context())
	if q == nil {
		return ErrNoMiddleware
	}
	s, err := q.load(r.Context())
	if err != nil {
		return err
	}
	ctx, cancel := q.commitContext(r.Context())
	defer cancel()
	var own error
	err = s.updateInTurn(ctx, func(s *Session) error {
		own = f(s)
		return own
	})
	if err != nil && own == nil && !errors.Is(err, ErrHeadersSent) && !errors.Is(err, errNested) {
		s.fail(err)
	}
	return err
}

// updateInTurn is update, after the other updates of the session in this process.
func (s *Session) updateInTurn(ctx context.Context, f func(*Session) error) error {
	if key := s.Key(); key != "" {
		done, err := s.site.turns.take(ctx, key)
		if err != nil {
			return err
		}
		defer done()
	}
	return s.update(ctx, f)
}

// update runs f on copies of the session until one of them is stored, and takes
// that over. Until then the session is as it was.
func (s *Session) update(ctx context.Context, f func(*Session) error) error {
	if err := s.begin(ctx); err != nil {
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
		d, err := s.run(base, f)
		if err != nil {
			return err
		}
		current, err := s.land(ctx, d)
		if err == nil {
			*base, stored = *d, true
			return nil
		}
		base.candidate = d.candidate
		if !errors.Is(err, ErrConflict) {
			return err
		}
		if err := conflicts.resolve(ctx, base, current, err); err != nil {
			return err
		}
	}
}

// run calls f with a copy of base and returns what it has become.
func (s *Session) run(base *draft, f func(*Session) error) (*draft, error) {
	s.mu.Lock()
	s.slot.Own()
	copied := &Session{
		site:     s.site,
		state:    base.state,
		shared:   true,
		accessed: s.accessed,
		modified: s.modified,
		sealed:   s.sealed,
		updating: true,
	}
	s.mu.Unlock()
	defer func() {
		copied.finish(errUpdateOver)
		s.mu.Lock()
		s.slot.Disown()
		s.mu.Unlock()
	}()
	copied.changes = base.changes.clone()
	if err := f(copied); err != nil {
		return nil, err
	}
	copied.mu.Lock()
	defer copied.mu.Unlock()
	copied.shared = true
	return &draft{site: s.site, state: copied.state, epoch: base.epoch}, nil
}

// land tries once to store what f made of the session. A conflict comes with the record
// that is stored now.
func (s *Session) land(ctx context.Context, d *draft) (current Record, err error) {
	if !d.unsaved.any() || d.isEmpty() {
		return current, nil
	}
	if err = s.tooLate(d, false); err == nil {
		current, err = d.put(ctx)
	}
	switch {
	case err == nil:
		s.saved()
	case d.drop(err):
		err = nil
	}
	return current, err
}
