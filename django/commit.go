package django

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/djsession/djsession/internal/cookie"
)

// commit saves the session of a response that is about to be sent, and adds its cookie and
// Vary. Django's process_response.
type commit struct {
	q       *request
	h       http.Header
	status  int
	foreign bool // the handler sets the session cookie itself
	hijack  bool // the headers may never be sent

	deadline time.Time // set if the commit has to wait
}

// context outlives the client's connection, but not the deadline.
func (c *commit) context() (context.Context, context.CancelFunc) {
	if c.deadline.IsZero() {
		c.deadline = c.q.deadline(c.q.r.Context())
	}
	return context.WithDeadline(context.WithoutCancel(c.q.r.Context()), c.deadline)
}

// view is what a commit needs to know about a session.
type view struct {
	failed                             error
	stored                             storedSession
	empty, accessed, modified, unsaved bool
	newKey                             bool // to save it takes a new cookie
	renewal                            bool // the same, but it is dropped without one
	dropped                            bool // a renewal was
	abandoned                          bool
	unreadable                         bool          // it is empty instead
	flushed                            bool          // and only its cookie can end it
	moved                              storedSession // see below
}

// view returns the view for q. moved is set if the session, or the one that was abandoned,
// was stored under another key than the browser's. Then any response carries its cookie,
// since nothing is stored under the old key.
func (s *Session) view(q *request) view {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shared = true
	v := view{
		failed: s.failed, stored: storedSession{s.stored.Key, s.data},
		empty: s.isEmpty(), accessed: s.accessed, modified: s.modified, unsaved: s.unsaved.any(),
		renewal: s.optional, dropped: s.dropped, abandoned: s.abandoned != nil,
	}
	v.unreadable = s.stored.Corrupt != nil
	v.newKey = v.unsaved && !v.renewal && s.needsCookie(s.site)
	v.flushed = s.site.caps.ChoosesKeys && q.found && s.stored.Key == "" && !v.abandoned
	if s.abandoned != nil {
		v.moved = *s.abandoned
	} else if q.found {
		v.moved = v.stored
	}
	if v.moved.key == q.key {
		v.moved = storedSession{}
	}
	return v
}

func (s *Session) commit(c commit) error {
	if err := s.beginCommit(&c); err != nil {
		return err
	}
	defer s.leave()
	defer c.q.sealed.Store(true) // before another goroutine can store it under a new key
	v := s.view(c.q)
	if v.failed != nil {
		return v.failed
	}
	set := &s.site.settings
	if v.accessed {
		cookie.VaryIn(c.h, &c.q.vary)
	}
	if v.empty && (!c.q.keepEmpty || c.hijack) {
		switch {
		case c.foreign:
		case v.moved.key != "" && c.hijack:
			return errHijack
		case v.moved.key != "":
			return s.addCookie(c.h, v.moved)
		case c.q.hasCookie && !v.abandoned:
			set.sessionCookie("").Delete(c.h)
		}
		return nil
	}
	if c.hijack {
		if v.newKey || v.stored.key != "" && v.stored.key != c.q.key {
			return errHijack
		}
		if v.renewal {
			return nil // dropped later, unless the hijack fails
		}
		if !v.unsaved && s.site.caps.ChoosesKeys {
			return nil // to live on it would need a cookie
		}
	}
	if c.status >= 500 {
		if c.foreign {
			return nil
		}
		return s.addMoved(c.h, v)
	}
	if !v.modified && (c.foreign || !set.SessionSaveEveryRequest || v.unreadable && !s.site.asEmpty) {
		return nil
	}
	if v.unsaved || !v.modified { // at least its expiry changes
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
	case v.stored.key == "": // it was abandoned meanwhile
		return s.addMoved(c.h, v)
	}
	return s.addCookie(c.h, v.stored)
}

// discard drops what is unsaved.
func (s *Session) discard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unsaved = unsaved{}
}

// beginCommit is begin within the time of the commit.
func (s *Session) beginCommit(c *commit) error {
	timeout := s.site.timeout
	if s.slot.Busy() {
		c.deadline = c.q.deadline(c.q.r.Context())
		timeout = max(1, time.Until(c.deadline))
	}
	return s.begin(context.Background(), timeout, "")
}

// commitSave saves the session within the time of the commit.
func (s *Session) commitSave(c commit) error {
	ctx, cancel := c.context()
	defer cancel()
	return s.save(ctx, c.foreign || c.hijack)
}

// commitLate saves what was changed after the response's headers were sent.
func (s *Session) commitLate(c commit) error {
	if err := s.beginCommit(&c); err != nil {
		return err
	}
	defer s.leave()
	v := s.view(c.q)
	if c.status >= 500 || v.empty || !v.unsaved {
		return v.failed
	}
	return s.commitSave(c)
}
