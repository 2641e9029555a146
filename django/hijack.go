package django

import (
	"fmt"
	"net/http"

	"github.com/djsession/djsession/internal/response"
)

// errHijack is returned by Hijack if the browser needs a new cookie.
var errHijack = fmt.Errorf("%w: %w: call w.WriteHeader(http.StatusSwitchingProtocols) before Hijack, so that the handshake carries it",
	ErrHeadersSent, response.ErrRefused)

// commit saves the session of a response that is about to be sent, and adds its cookie and
// Vary. Django's process_response.
type commit struct {
	q       *request
	h       http.Header
	status  int
	foreign bool // the handler sets the session cookie itself
	hijack  bool // the headers may never be sent
}

// Hijack implements response.Hooks.
func (q *request) Hijack(h http.Header) (undo func(), err error) {
	renewal := q.renewal()
	err = q.commit(commit{q: q, h: h, status: http.StatusSwitchingProtocols, hijack: true})
	q.settle(err == nil)
	return func() { q.unseal(renewal) }, err
}

// renewal returns the unsaved renewal, which a Hijack drops.
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

// unseal undoes the seal of a Hijack that failed, and restores the renewal.
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
