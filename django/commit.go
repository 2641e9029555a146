package django

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/response"
	"github.com/djsession/djsession/serializer"
)

// errHijack is what a handler gets from Hijack where the browser needs a new cookie.
var errHijack = fmt.Errorf("%w: %w: call w.WriteHeader(http.StatusSwitchingProtocols) before Hijack, so that the handshake carries it",
	ErrHeadersSent, response.ErrRefused)

// commit is what Django's process_response does for a response that is about to leave:
// it saves the session and adds its cookie and Vary.
type commit struct {
	q       *request
	h       http.Header
	status  int
	foreign bool // the handler sets the session cookie itself
	hijack  bool // the headers may never leave
}

// Commit implements response.Hooks.
func (q *request) Commit(h http.Header, status int) error {
	err := q.commit(commit{q: q, h: h, status: status})
	q.settle(err == nil && status < 500)
	return err
}

// Hijack implements response.Hooks.
func (q *request) Hijack(h http.Header) (undo func(), err error) {
	renewal := q.renewal()
	err = q.commit(commit{q: q, h: h, status: http.StatusSwitchingProtocols, hijack: true})
	q.settle(err == nil)
	return func() { q.unseal(renewal) }, err
}

// renewal returns the renewal that awaits a save: a Hijack drops it.
func (q *request) renewal() *unsaved {
	s, _ := q.loaded()
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.optional {
		return nil
	}
	u := s.unsaved
	u.changes = u.changes.clone()
	return &u
}

// unseal undoes the seal of a Hijack that failed, and what became of a renewal.
func (q *request) unseal(renewal *unsaved) {
	q.mu.Lock()
	q.sealed = false
	s := q.session
	q.mu.Unlock()
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sealed = false
	if s.dropped && renewal != nil && !s.unsaved.any() {
		s.unsaved, s.dropped = *renewal, false
	}
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
	// Nobody asked for the session. A key that could be one keeps its cookie
	// without a query.
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
	// Django judges emptiness before it loads: an unknown key ends as a new,
	// empty session here.
	q.keepEmpty = true
	return s.commit(c)
}

// view is what a commit has to know of a session.
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

// view looks at the session. It is moved if it was already stored under another key
// than the one it was loaded by. Its cookie then leaves with whatever the response is:
// under the old key there is nothing any more.
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
			// The handler's own cookie says what became of the session: a proxied
			// Django cycled its key, say. That answer must not be lost.
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
		return nil // the cookie is not, or no longer, this session's to set
	case v.key == "": // it was abandoned meanwhile
		return s.addMoved(c.h, v)
	}
	return s.addCookie(c.h, v)
}

// addMoved adds the cookie of a session that was stored under another key than the
// browser has, which any response must carry.
func (s *Session) addMoved(h http.Header, v view) error {
	switch {
	case v.moved:
		return s.addCookie(h, v)
	case v.strayed != nil:
		return s.addAbandoned(h, v)
	}
	return nil
}

// addAbandoned adds the cookie of a session that moved to a new key and was abandoned.
func (s *Session) addAbandoned(h http.Header, v view) error {
	return s.addCookie(h, view{key: v.strayed.key, data: v.strayed.data})
}

// discard drops what awaits a save.
func (s *Session) discard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unsaved = unsaved{}
}

// beginCommit is begin within the time of the commit.
func (s *Session) beginCommit(q *request) error {
	if s.beginAtOnce() { // most often, and without a timer
		return nil
	}
	ctx, cancel := q.commitContext(q.r.Context())
	defer cancel()
	return s.begin(ctx, "")
}

// beginAtOnce is begin if that need not wait.
func (s *Session) beginAtOnce() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.slot.Busy() && s.slot.Take(context.Background(), &s.mu, 0, "") == nil
}

// commitSave saves the session, even if it is only to live on.
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

// addCookie adds the session's cookie to h.
func (s *Session) addCookie(h http.Header, v view) error {
	life, err := s.site.lifetime(v.data)
	if err != nil {
		return err
	}
	c := s.site.settings.sessionCookie(v.key)
	c.UntilClose, c.Age = s.site.expireAtBrowserClose(v.data), life.age
	c.Add(h, s.site.codec.Now().Add(life.rest))
	return nil
}

// Late implements response.Hooks: it saves what was changed after the headers had gone.
// If that fails, only the log can be told.
func (q *request) Late(status int) {
	s, err := q.loaded()
	switch {
	case err != nil, s == nil:
	case status < 500:
		err = s.commitLate(q)
	default:
		err = s.view(q).failed
	}
	q.settle(err == nil && status < 500)
	if err != nil {
		q.logError("session changes after the response headers were not saved", err)
	}
}

func (s *Session) commitLate(q *request) error {
	if err := s.beginCommit(q); err != nil {
		return err
	}
	defer s.end()
	v := s.view(q)
	if v.empty || !v.unsaved {
		return v.failed
	}
	ctx, cancel := q.commitContext(q.r.Context())
	defer cancel()
	return s.save(ctx, false)
}
