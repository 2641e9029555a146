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

// request is the session of one request, loaded or not. It commits the session before the
// response is sent.
type request struct {
	site      *Sessions
	r         *http.Request
	context   requestContext // of r
	key       string         // of the cookie
	hasCookie bool

	mu      sync.Mutex // not held during I/O, callbacks and logging
	slot    slot.Slot  // held while the session is loaded
	session *Session   // nil until loaded
	found   bool       // under key
	err     error      // of loading
	sealed  bool       // the headers were sent
	settled bool       // what was changed has been saved
	handled bool       // HandleError has answered
	foreign []string   // Set-Cookie of a response that sets the session cookie itself

	keepEmpty bool // the session is stored even if it is empty
}

func (q *request) load(ctx context.Context) (*Session, error) {
	if s, err := q.loaded(); s != nil || err != nil {
		return s, err
	}
	s, warning, err := q.loadOnce(ctx)
	q.site.warn(ctx, warning) // the logger may ask for the session
	return s, err
}

// loadOnce loads the session unless another goroutine has loaded it.
func (q *request) loadOnce(ctx context.Context) (s *Session, warning, err error) {
	if !q.site.validKey(q.key) {
		s, err = q.keep(q.site.NewSession(), nil)
		return s, nil, err
	}
	if err := q.takeSlot(ctx); err != nil {
		return nil, nil, err
	}
	defer q.release()
	if s, err := q.loaded(); s != nil || err != nil {
		return s, nil, err
	}
	bounded, cancel := context.WithTimeout(withoutRequest(ctx), q.site.timeout)
	defer cancel()
	s, warning, err = q.site.load(loadContext{bounded, q}, q.key)
	switch {
	case errors.Is(err, ErrNotFound):
		s, err = q.site.NewSession(), nil
	case err != nil && ctx.Err() != nil && q.context.Err() == nil:
		return nil, warning, err // a context derived from the request's ended, not the request
	}
	s, err = q.keep(s, err)
	return s, warning, err
}

func (q *request) takeSlot(ctx context.Context) error {
	inside := ctx.Value(storing{q}) != nil
	q.mu.Lock()
	defer q.mu.Unlock()
	if inside && q.slot.Busy() {
		return errNested // the store asks for the session that it is loading
	}
	return q.slot.Take(ctx, &q.mu, q.site.timeout, "")
}

// keep makes the result of the load that of the whole request.
func (q *request) keep(s *Session, err error) (*Session, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.session != nil || q.err != nil { // loaded by another goroutine, or the request has ended
		return q.session, q.err
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

// end releases the session: a context that outlives the request must not hold its data.
// returned says that the handler did not panic.
func (q *request) end(returned bool) {
	q.mu.Lock()
	s, settled := q.session, q.settled
	q.session, q.err = nil, errRequestOver
	q.mu.Unlock()
	if s != nil && s.finish(errRequestOver) && settled && returned {
		// Another goroutine made it between the last save and now.
		q.logError("session changed after its last save, and not saved", errRequestOver)
	}
}

// settle notes whether the changes were saved.
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

// sealLoading is loaded for a commit: a session that is loaded later can get no new cookie.
func (q *request) sealLoading() (*Session, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sealed = true
	return q.session, q.err
}

// failed reports whether the commit will fail.
func (q *request) failed() bool {
	s, err := q.loaded()
	if s == nil {
		return err != nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed != nil
}

// handle reports whether HandleError has to answer: only once, and not if the middleware
// answers.
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

// commitContext outlives the client's connection, but not ctx's deadline or the site's
// timeout.
func (q *request) commitContext(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline := time.Now().Add(q.site.timeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	return context.WithDeadline(context.WithoutCancel(ctx), deadline)
}

// Sealed implements response.Hooks; the commit seals the session.
func (q *request) Sealed() {}

// Gone implements response.Hooks.
func (q *request) Gone() error { return q.context.Context.Err() }

func (s *Session) seal(sealed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sealed = sealed
}

// Fail implements response.Hooks. A session that moved to a new key keeps its cookie, and
// so does a session cookie that the handler set, such as a proxied Django's login.
func (q *request) Fail(w http.ResponseWriter, err error) {
	q.logError("session failed", err)
	h := w.Header()
	if q.foreign != nil {
		cookie.Vary(h)
		cookie.Replace(h, q.foreign, q.site.settings.SessionCookieName)
	} else if s, _ := q.loaded(); s != nil {
		before := len(h["Set-Cookie"])
		_ = s.addMoved(h, s.view(q)) // without a usable expiry there is no cookie
		if len(h["Set-Cookie"]) > before {
			cookie.Vary(h)
		}
	}
	q.site.answer(w, q.r, err)
	q.context.fail(err)
}

func (q *request) logError(msg string, err error) { q.site.logError(q.r, msg, err) }
