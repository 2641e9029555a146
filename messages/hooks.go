package messages

import (
	"log/slog"
	"net/http"

	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/response"
)

// Commit implements response.Hooks. Django's process_response.
func (q *request) Commit(h http.Header, status int) error {
	_, err := q.commit(h, status)
	return err
}

func (q *request) commit(h http.Header, status int) (moved []move, err error) {
	if q.changed() {
		moved, err = q.store(h, status)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.varies {
		cookie.Vary(h)
	}
	return moved, err
}

// Hijack implements response.Hooks. What went into the session stays there; what went into
// the cookie goes into that of the next Commit.
func (q *request) Hijack(h http.Header) (undo func(), err error) {
	moved, err := q.commit(h, http.StatusSwitchingProtocols)
	return func() { q.undo(moved) }, err
}

// Fail implements response.Hooks.
func (q *request) Fail(w http.ResponseWriter, err error) {
	q.m.sessions.HandleError(w, q.r, err)
	response.LeaveToOuter(w)
}

// Late implements response.Hooks. Messages can still be stored in a session that the browser
// has.
func (q *request) Late(status int) {
	if status >= 500 || !q.changed() {
		return
	}
	err := errHeadersSent
	if q.m.storage == sessionStorage {
		_, err = q.storeInSession(true)
	}
	if err != nil {
		q.log(slog.LevelError, "messages after the response headers were not stored", slog.Any("error", err))
	}
}

// Sealed implements response.Hooks.
func (q *request) Sealed() {}

// Gone implements response.Hooks.
func (q *request) Gone() error { return q.r.Context().Err() }
