package django

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/djsession/djsession/internal/cookie"
)

// commitContext outlives a client that has gone, but neither ctx's deadline nor the
// site's timeout.
func (q *request) commitContext(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline := time.Now().Add(q.site.timeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	return context.WithDeadline(context.WithoutCancel(ctx), deadline)
}

// Commit implements response.Hooks: it does what Django's process_response does for a response that is about
// to leave: it saves the session and adds its cookie and Vary to h.
func (q *request) Commit(h http.Header, status int) error {
	s, err := q.loaded()
	if err != nil {
		return err
	}
	set := &q.site.settings
	foreign := cookie.Sets(h, set.SessionCookieName)
	if s != nil {
		return s.commit(q, h, status, false, foreign)
	}
	// Nobody asked for the session. A key that could be one keeps its cookie
	// without a query.
	if !validKey(q.key) {
		if q.hasCookie && !foreign {
			set.sessionCookie("").Delete(h)
			cookie.Vary(h)
		}
		return nil
	}
	if !set.SessionSaveEveryRequest || status >= 500 || foreign {
		return nil
	}
	ctx, cancel := q.commitContext(q.r.Context())
	defer cancel()
	if s, err = q.load(ctx); err != nil {
		return err
	}
	// Django judges emptiness before it loads: an unknown key ends as a new,
	// empty session here.
	return s.commit(q, h, status, true, foreign)
}

// commit is request.Commit for a session that was loaded. keep says that it is
// kept even if it is empty, foreign that the handler sets the cookie itself.
func (s *Session) commit(q *request, h http.Header, status int, keep, foreign bool) error {
	if err := s.lockIdle(context.Background()); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.failed != nil {
		return s.failed
	}
	set := &s.site.settings
	if s.accessed {
		cookie.Vary(h)
	}
	if s.isEmpty() && !keep {
		if q.hasCookie && !foreign && !s.abandoned {
			set.sessionCookie("").Delete(h)
		}
		return nil
	}
	if status >= 500 {
		if s.movedFrom(q) && !foreign {
			return s.addCookie(h)
		}
		return nil
	}
	if !s.modified && (foreign || !set.SessionSaveEveryRequest) {
		return nil
	}
	if !s.modified {
		s.touched = true
	}
	if s.unsaved.any() {
		ctx, cancel := q.commitContext(q.r.Context())
		defer cancel()
		s.sealed = s.sealed || foreign // a new cookie of ours has no place there
		err := s.save(ctx)
		if foreign && (errors.Is(err, ErrInterrupted) || errors.Is(err, ErrHeadersSent)) {
			// The handler's own cookie says what became of the session: a proxied
			// Django cycled its key, say. That answer must not be lost.
			q.logError("session changes were not saved", err)
			return nil
		}
		if err != nil {
			return err
		}
	}
	if foreign || s.dropped {
		return nil // the cookie is not, or no longer, this session's to set
	}
	return s.addCookie(h)
}

// addCookie adds the session's cookie to h.
func (s *Session) addCookie(h http.Header) error {
	life, err := s.site.lifetime(s.data)
	if err != nil {
		return err
	}
	c := s.site.settings.sessionCookie(s.stored.Key)
	c.UntilClose, c.Age = s.expireAtBrowserClose(), life.age
	c.Add(h, s.site.codec.now().Add(life.rest))
	return nil
}

// movedFrom reports whether the session was already stored under another key than
// the one it was loaded by. Its cookie then goes with whatever the response is:
// under the old key there is nothing any more.
func (s *Session) movedFrom(q *request) bool {
	return q.found && s.stored.Key != "" && s.stored.Key != q.key
}

// Late implements response.Hooks: it saves what was changed after the headers had gone. Nobody is left
// to be told but the log.
func (q *request) Late(status int) {
	s, err := q.loaded()
	if err == nil && s != nil && status < 500 {
		err = s.commitLate(q)
	}
	if err != nil {
		q.logError("session changes after the response headers were not saved", err)
	}
}

func (s *Session) commitLate(q *request) error {
	if err := s.lockIdle(context.Background()); err != nil {
		return err
	}
	defer s.mu.Unlock()
	if s.isEmpty() || !s.unsaved.any() {
		return s.failed
	}
	ctx, cancel := q.commitContext(q.r.Context())
	defer cancel()
	return s.save(ctx)
}
