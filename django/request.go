package django

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/slot"
)

// request is the session of one request, loaded or not. It commits that session
// before the response leaves.
type request struct {
	site      *Sessions
	r         *http.Request
	context   requestContext // of r
	key       string         // of the cookie
	hasCookie bool

	mu      sync.Mutex // never held while anything is waited for, called back or logged
	slot    slot.Slot  // held by whoever loads the session
	session *Session   // nil until loaded
	found   bool       // under key
	err     error      // of loading
	sealed  bool       // the headers have gone
	settled bool       // what was changed has been saved
	handled bool       // HandleError has answered
}

func (q *request) load(ctx context.Context) (*Session, error) {
	if s, err := q.loaded(); s != nil || err != nil {
		return s, err
	}
	s, warning, err := q.loadOnce(ctx)
	q.site.warn(ctx, warning) // the log may ask for the session in its turn
	return s, err
}

// loadOnce loads the session unless another goroutine was faster.
func (q *request) loadOnce(ctx context.Context) (s *Session, warning, err error) {
	q.mu.Lock()
	err = q.slot.Take(ctx, &q.mu, 0)
	s, known := q.session, q.err
	q.mu.Unlock()
	if err != nil {
		return nil, nil, err
	}
	defer q.release()
	if s != nil || known != nil {
		return s, nil, known
	}
	bounded, cancel := context.WithTimeout(ctx, q.site.timeout)
	defer cancel()
	s, warning, err = q.site.load(bounded, q.key)
	switch {
	case errors.Is(err, ErrNotFound):
		s, err = q.site.NewSession(), nil
	case err != nil && ctx.Err() != nil && q.context.Err() == nil:
		return nil, warning, err // a part of the request has ended, and not the request
	}
	s, err = q.keep(s, err)
	return s, warning, err
}

// keep makes the outcome of the load that of the whole request.
func (q *request) keep(s *Session, err error) (*Session, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err != nil { // the request has ended
		return nil, q.err
	}
	q.session, q.err = s, err
	if s != nil {
		s.accessed, s.sealed = true, q.sealed // nobody else has it yet
		q.found = s.stored.Key != ""
	}
	return s, err
}

func (q *request) release() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.slot.Release()
}

// end lets go of the session: a context that outlives the request, in a timer say,
// must not hold its data.
func (q *request) end() {
	q.mu.Lock()
	s, settled := q.session, q.settled
	q.session, q.err = nil, errRequestOver
	q.mu.Unlock()
	if s != nil && s.finish(errRequestOver) && settled {
		// Another goroutine made it between the last save and now.
		q.logError("session changed after its last save, and not saved", errRequestOver)
	}
}

// settle notes whether what was changed has been saved.
func (q *request) settle(settled bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.settled = settled
}

// loaded returns the session if it was asked for.
func (q *request) loaded() (*Session, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.session, q.err
}

// failed reports whether the commit cannot but fail.
func (q *request) failed() bool {
	s, err := q.loaded()
	if s == nil {
		return err != nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed != nil
}

// handle reports whether HandleError is to answer: not a second time, and not what
// the middleware answers.
func (q *request) handle() bool {
	if q.failed() {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	first := !q.handled
	q.handled = true
	return first
}

// commitContext outlives a client that has gone, but neither ctx's deadline nor the
// site's timeout.
func (q *request) commitContext(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline := time.Now().Add(q.site.timeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	return context.WithDeadline(context.WithoutCancel(ctx), deadline)
}

// Sealed implements response.Hooks: no new cookie can leave any more.
func (q *request) Sealed() {
	q.mu.Lock()
	q.sealed = true
	s := q.session
	q.mu.Unlock()
	if s != nil {
		s.seal()
	}
}

func (s *Session) seal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sealed = true
}

// Fail implements response.Hooks.
func (q *request) Fail(w http.ResponseWriter, err error) {
	q.logError("session failed", err)
	if s, _ := q.loaded(); s != nil {
		if c := s.view(q); c.moved {
			cookie.Vary(w.Header())
			_ = s.addCookie(w.Header(), c) // without a usable expiry there is no cookie
		}
	}
	q.site.answer(w, q.r, err)
	q.context.cancel(err)
}

func (q *request) logError(msg string, err error) { q.site.logError(q.r, msg, err) }
