package django

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/djsession/djsession/internal/response"
	"github.com/djsession/djsession/internal/slot"
)

// request is the session of one request, loaded or not. It commits the session before the
// response is sent; see hooks.go.
type request struct {
	site      *Sessions
	r         *http.Request
	context   requestContext // of r
	out       response.Response
	vary      [1]string // the value of the header
	key       string    // of the cookie
	hasCookie bool
	sealed    atomic.Bool // the headers were sent, or are about to be: no new cookie
	handled   atomic.Bool // HandleError has answered
	slot      slot.Slot   // held while the session is loaded

	mu      sync.Mutex // not held during I/O, callbacks and logging
	session *Session   // nil until loaded
	err     error      // of loading
	found   bool       // under key

	// Only the code that writes the response uses these.
	keepEmpty bool     // the session is stored even if it is empty
	settled   bool     // what was changed has been saved
	foreign   []string // Set-Cookie of a response that sets the session cookie itself
}

func (q *request) load(ctx context.Context) (*Session, error) {
	if s, err := q.loaded(); s != nil || err != nil {
		return s, err
	}
	s, rec, observed, err := q.loadOnce(ctx)
	q.site.warn(ctx, rec) // the logger may ask for the session
	observed.report()
	return s, err
}

// loadOnce loads the session, and returns its record and what is to be reported too,
// unless another goroutine has loaded it.
func (q *request) loadOnce(ctx context.Context) (s *Session, rec Record, observed *Observation, err error) {
	if !validKey(q.key) {
		s, err = q.keep(rec, nil)
		if q.key != "" {
			_, observed = q.site.observe(ctx, OpLoad, slog.LevelInfo)
			observed.done(errImpossibleKey)
		}
		return s, rec, observed, err
	}
	deadline := time.Now().Add(q.site.timeout)
	if err := q.slot.Take(ctx, q.site.timeout, ""); err != nil {
		return nil, rec, nil, err
	}
	defer q.slot.Release()
	if s, err := q.loaded(); s != nil || err != nil {
		return s, rec, nil, err
	}
	bounded, cancel := q.loading(ctx, deadline)
	defer cancel()
	rec, observed, err = q.site.load(bounded, q.key)
	switch {
	case errors.Is(err, ErrNotFound):
		err = nil
	case q.site.caps.ChoosesKeys && (errors.Is(err, ErrCorrupt) || errors.Is(err, ErrUnreadable)):
		observed.done(fmt.Errorf("%w: %w", errImpossibleKey, err)) // anybody can send such a cookie
		err = nil
	case err != nil && ctx.Err() != nil && q.context.Err() == nil:
		return nil, rec, observed, err // a context derived from the request's ended, not the request
	}
	s, err = q.keep(rec, err)
	return s, rec, observed, err
}

// keep makes the result of the load that of the whole request, unless there is one.
func (q *request) keep(rec Record, err error) (*Session, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.session != nil || q.err != nil: // loaded by another goroutine, or the request has ended
	case err != nil:
		q.err = err
	default:
		q.session = newSession(q.site.site, rec)
		q.session.accessed, q.session.sealed = true, &q.sealed
		q.found = rec.Key != ""
	}
	return q.session, q.err
}

// end releases the session: a context that outlives the request must not hold its data.
// returned says that the handler did not panic.
func (q *request) end(returned bool) {
	q.mu.Lock()
	s := q.session
	q.session, q.err = nil, errRequestOver
	q.sealed.Store(true)
	q.mu.Unlock()
	if s != nil && s.finish(errRequestOver) && q.settled && returned {
		// Another goroutine made it between the last save and now.
		q.logError("session changed after its last save, and not saved", errRequestOver)
	}
}

// loaded returns the session if it was asked for.
func (q *request) loaded() (*Session, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.session, q.err
}

// loadedOrSeal is loaded for a commit: if there is no session to commit, one that is loaded
// later can get no new cookie.
func (q *request) loadedOrSeal() (*Session, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.session == nil {
		q.sealed.Store(true)
	}
	return q.session, q.err
}

// handle reports whether HandleError has to answer: only once, and not if the middleware
// answers.
func (q *request) handle() bool {
	s, err := q.loaded()
	if s != nil {
		s.mu.Lock()
		err = s.failed
		s.mu.Unlock()
	}
	return err == nil && !q.handled.Swap(true)
}

// deadline is when the site's timeout passes, or ctx's deadline if that comes first.
func (q *request) deadline(ctx context.Context) time.Time {
	deadline := time.Now().Add(q.site.timeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		return d
	}
	return deadline
}

func (q *request) logError(msg string, err error) { q.site.logError(q.r, msg, err) }
