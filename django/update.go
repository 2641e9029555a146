package django

import (
	"context"
	"errors"
	"net/http"
)

var (
	errInUpdate      = errors.New("django: Save and Flush have no place in the function of an Update; it saves the session itself")
	errCycleInUpdate = errors.New("django: nobody would learn the key that a session gets in Update; use UpdateRequest, or Load and Save")
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
// is given: neither save nor flush it, nor update the same session again, which
// would wait for itself. An error of f's ends the update and is returned; nothing
// is saved then, as when f panics. If f changes nothing, nothing is written. A new key,
// which the caller would not learn, is refused with an error.
//
// No session is [ErrNotFound], one that was deleted meanwhile [ErrInterrupted]. If
// the connection broke, or ctx ended, while the session was being saved, the error is
// [ErrOutcomeUnknown]: f's changes were saved once or not at all, and only the caller
// can tell what to do. After any other error they were not. Updates of one session
// by one Sessions take turns. Safe for concurrent use.
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
// session made new unless the status is 5xx. If the store failed, this request has failed: the middleware answers it, with 503 whatever
// the handler does, so that the handler just returns. After an error of f's everything
// is as it was.
//
// It ends with the deadline of r's context and after the time of [WithTimeout],
// not when the client has gone. Once the response's headers have gone, a session
// that needs a new cookie is [ErrHeadersSent].
func (ss *Sessions) UpdateRequest(r *http.Request, f func(*Session) error) error {
	q, ok := r.Context().Value(contextKey{ss.codec}).(*request)
	if !ok {
		return ErrNoMiddleware
	}
	s, err := q.load(r.Context())
	if err != nil {
		return err
	}
	ctx, cancel := q.commitContext(r.Context())
	defer cancel()
	fails := func(err error) error {
		if err != nil && !errors.Is(err, ErrHeadersSent) {
			s.fail(err)
		}
		return err
	}
	if key := s.Key(); key != "" {
		done, err := ss.turns.take(ctx, key)
		if err != nil {
			return fails(err)
		}
		defer done()
	}
	var own error
	err = s.update(ctx, func(s *Session) error {
		own = f(s)
		return own
	})
	if own != nil {
		return err
	}
	return fails(err)
}
