package django

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/serializer"
)

// Commit implements response.Hooks.
func (q *request) Commit(h http.Header, status int) error {
	err := q.commit(commit{q: q, h: h, status: status})
	q.settle(err == nil && status < 500)
	return err
}

func (q *request) commit(c commit) error {
	set := &q.site.settings
	q.foreign = nil
	if c.foreign = cookie.Sets(c.h, set.SessionCookieName); c.foreign {
		q.foreign = slices.Clone(c.h["Set-Cookie"])
	}
	s, err := q.sealLoading()
	if err != nil {
		return err
	}
	if s != nil {
		return s.commit(c)
	}
	// The session was not used. A possible key keeps its cookie without a query.
	if !q.site.validKey(q.key) {
		if q.hasCookie && !c.foreign {
			set.sessionCookie("").Delete(c.h)
			cookie.Vary(c.h)
		}
		return nil
	}
	if !set.SessionSaveEveryRequest || c.status >= 500 || c.foreign {
		return nil
	}
	ctx, cancel := q.commitContext(q.r.Context())
	defer cancel()
	if s, err = q.load(ctx); err != nil {
		return err
	}
	s.seal(false) // until it is committed
	// Django tests for emptiness before it loads: an unknown key becomes a new, empty
	// session here.
	q.keepEmpty = true
	return s.commit(c)
}

// view is what a commit needs to know about a session.
type view struct {
	failed                             error
	key                                string
	data                               *serializer.Dict
	empty, accessed, modified, unsaved bool
	dropped, needsCookie               bool
	moved                              bool       // see below
	abandoned                          *abandoned // nil if it was not
	strayed                            *abandoned // see strayed
}

// view returns the view for q. The session is moved if it was stored under another key
// than the one it was loaded by. Then any response carries its cookie, since nothing is
// stored under the old key.
func (s *Session) view(q *request) view {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shared = true
	return view{
		failed: s.failed, key: s.stored.Key, data: s.data,
		empty: s.isEmpty(), accessed: s.accessed, modified: s.modified, unsaved: s.unsaved.any(),
		dropped: s.dropped, needsCookie: s.needsCookie(s.site) && !s.optional,
		moved:     q.found && s.abandoned == nil && s.stored.Key != "" && s.stored.Key != q.key,
		abandoned: s.abandoned, strayed: s.strayed(q.key),
	}
}

func (s *Session) commit(c commit) error {
	if err := s.beginCommit(c.q); err != nil {
		return err
	}
	defer s.end()
	defer s.seal(true) // before another goroutine can store it under a new key
	v := s.view(c.q)
	if v.failed != nil {
		return v.failed
	}
	set := &s.site.settings
	if v.accessed {
		cookie.Vary(c.h)
	}
	if v.empty && (!c.q.keepEmpty || c.hijack) {
		switch {
		case c.foreign:
		case v.strayed != nil && c.hijack:
			return errHijack
		case v.strayed != nil:
			return s.addAbandoned(c.h, v)
		case c.q.hasCookie && v.abandoned == nil:
			set.sessionCookie("").Delete(c.h)
		}
		return nil
	}
	if c.hijack && (v.unsaved && v.needsCookie || v.key != "" && v.key != c.q.key) {
		return errHijack
	}
	if c.status >= 500 {
		if c.foreign {
			return nil
		}
		return s.addMoved(c.h, v)
	}
	if !v.modified && (c.foreign || !set.SessionSaveEveryRequest) {
		return nil
	}
	if v.unsaved || !v.modified {
		err := s.commitSave(c)
		if c.foreign && (errors.Is(err, ErrInterrupted) || errors.Is(err, ErrHeadersSent)) {
			// The handler's cookie says what happened to the session: a proxied Django
			// cycled its key, for instance. That answer must not be lost.
			c.q.logError("session changes were not saved", err)
			s.discard()
			return nil
		}
		if err != nil {
			return err
		}
		v = s.view(c.q)
	}
	switch {
	case c.foreign, v.dropped:
		return nil // the cookie belongs to the handler or another request
	case v.key == "": // it was abandoned meanwhile
		return s.addMoved(c.h, v)
	}
	return s.addCookie(c.h, v)
}

// discard drops what is unsaved.
func (s *Session) discard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unsaved = unsaved{}
}

// beginCommit is begin within the time of the commit.
func (s *Session) beginCommit(q *request) error {
	if s.beginAtOnce() { // the common case, without a timer
		return nil
	}
	ctx, cancel := q.commitContext(q.r.Context())
	defer cancel()
	return s.begin(ctx, "")
}

// beginAtOnce is begin if it does not have to wait.
func (s *Session) beginAtOnce() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.slot.Busy() && s.slot.Take(context.Background(), &s.mu, 0, "") == nil
}

// commitSave saves the session, even if only its expiry changes.
func (s *Session) commitSave(c commit) error {
	s.mu.Lock()
	if !s.modified {
		s.touched = true
	}
	s.mu.Unlock()
	ctx, cancel := c.q.commitContext(c.q.r.Context())
	defer cancel()
	return s.save(ctx, c.foreign || c.hijack)
}
