package django

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/djsession/djsession/internal/slot"
)

const (
	errInUpdate     = programError("django: Save and Flush cannot be called in the function of an Update, which saves the session itself")
	errNested       = programError("django: called inside the function of an Update of the same session, or by its store; change the session that the function is given")
	errNewKeyUpdate = programError("django: the function of Sessions.Update made a new session key, by CycleKey or Abandon, which nobody would learn; use UpdateRequest, or Load and Save")
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
	if !ss.validKey(key) {
		return ErrNotFound
	}
	me := slot.Goroutine()
	done, err := ss.turns.take(ctx, key, me)
	if err != nil {
		return err
	}
	defer done()
	s, err := ss.Load(ctx, key)
	if err != nil {
		return err
	}
	return s.update(ctx, &updating{f: f, me: me})
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
// handler just returns. If nothing was stored because of what f did, because the response's
// headers have gone, or because a context derived from the request's has ended, only this
// update has failed, and everything is as it was.
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
	u := updating{f: f, me: slot.Goroutine(), newKey: true}
	err = s.updateInTurn(ctx, &u)
	if err != nil && !u.own && !q.late(r.Context(), err) {
		s.fail(err)
	}
	return err
}

// late reports whether an update failed because the deadline of ctx, a context derived
// from the request's, has passed, and not the request's own.
func (q *request) late(ctx context.Context, err error) bool {
	return errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrOutcomeUnknown) && passed(ctx) && !passed(&q.context)
}

func passed(ctx context.Context) bool {
	d, ok := ctx.Deadline()
	return ok && !time.Now().Before(d)
}

// updating is an update that runs.
type updating struct {
	f      func(*Session) error
	me     string // the goroutine
	newKey bool   // the session may get one: its cookie can be sent
	own    bool   // it failed because of f or of its caller, and not of what is stored
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

// update runs f on copies of the session until one of them is stored, and takes
// that over. Until then the session is as it was.
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

// run calls f with a copy of base and returns what it has become.
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
	if !u.newKey && d.unsaved.any() && !d.isEmpty() && d.needsCookie(s.site) {
		return nil, errNewKeyUpdate
	}
	return d, nil
}

// copyOf returns a session of its own for f, and notes that f is about to run.
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

// storeOnce tries once to store what f made of the session. A conflict comes with the
// record that is stored now.
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
