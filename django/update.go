package django

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/djsession/djsession/internal/slot"
)

const (
	errInUpdate     = programError("django: Save or Flush called inside Update, which saves the session itself")
	errNested       = programError("django: called inside Update of the same session, or by its store: change the session that the function was given")
	errNewKeyUpdate = programError("django: the function of Sessions.Update made a new session key, which the caller would not learn: use UpdateRequest, or Load and Save")
)

// Update loads the session under key, calls f with it and saves it. If another writer
// saved it meanwhile, f is called again with what is stored now, until the save succeeds
// or ctx ends. So no change is lost between Go processes that use Update, even under the
// same key. Django's own save can still overwrite it.
//
//	err := sessions.Update(ctx, key, func(s *django.Session) error {
//		n, err := django.Value(s, "visits", 0)
//		if err != nil {
//			return err
//		}
//		return s.Set("visits", n+1)
//	})
//
// f may be called several times. It should only read and change the session that it is
// given; to save, flush or update the same session inside f is an error. If f returns an
// error or panics, nothing is saved. If f changes nothing, nothing is written. A new key,
// which the caller would not learn, is an error.
//
// The error is [ErrNotFound] if there is no session, [ErrInterrupted] if it was deleted
// meanwhile, and otherwise as that of [Sessions.Load]. [ErrOutcomeUnknown] means that the
// connection broke or ctx ended during the save: f's changes were saved once or not at
// all. After any other error they were not saved. Updates of one session by one Sessions
// wait for each other. Safe for concurrent use.
func (st SessionStore) Update(ctx context.Context, key string, f func(*Session) error) error {
	if !st.validKey(key) {
		return ErrNotFound
	}
	me := slot.Goroutine()
	done, err := st.turns.take(ctx, key, me)
	if err != nil {
		return err
	}
	defer done()
	s, err := st.Load(ctx, key)
	if err != nil {
		return err
	}
	return s.update(ctx, &updating{f: f, me: me})
}

// UpdateRequest is Update for the session of r that [Sessions.Get] returns. It saves at
// once both what was changed before and what f changes. A new session is created unless it
// stays empty. It is for what must not be lost between two requests of one visitor: a
// cart, a counter, a one-time token.
//
// f must change the session that it is given. When UpdateRequest returns nil, the session
// of Get has the outcome, and the response gets its cookie (for a new session unless the
// status is 5xx). On an error, the handler calls [Sessions.HandleError] and returns. If the
// store failed, the whole request fails: the middleware answers 503 whatever the handler
// does. If nothing was stored because of what f did, because the response's headers were
// sent ([ErrHeadersSent]), or because a context derived from the request's ended, only
// this update fails and the session is as before.
//
// It ends with the deadline of r's context and after [WithTimeout], not when the client
// disconnects.
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
// from the request's, passed, while the request's own did not.
func (q *request) late(ctx context.Context, err error) bool {
	return errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, ErrOutcomeUnknown) && passed(ctx) && !passed(&q.context)
}

func passed(ctx context.Context) bool {
	d, ok := ctx.Deadline()
	return ok && !time.Now().Before(d)
}

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
		done, err := s.site.turns.take(ctx, key, u.me)
		if err != nil {
			u.own = errors.Is(err, errNested)
			return err
		}
		defer done()
	}
	return s.update(ctx, u)
}

// update runs f on copies of the session until one of them is stored, which becomes the
// session's state.
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

// run calls f with a copy of base and returns the result.
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

// copyOf returns a session for f, and notes that f is about to run.
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

// storeOnce tries once to store the result of f. A conflict comes with the record that is
// stored now.
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
