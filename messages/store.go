package messages

import (
	"context"
	"log/slog"
	"net/http"
	"slices"

	"github.com/djsession/djsession/internal/cookie"
)

// move is where a message was stored, and where it is now.
type move struct {
	*entry
	from, to place
}

// store stores what is unread and removes what was read. Django's update.
func (q *request) store(h http.Header, status int) ([]move, error) {
	saved := !cookie.Sets(h, q.m.settings.SessionCookieName)
	switch {
	case q.m.storage != sessionStorage:
		return q.storeInCookie(h, status, saved)
	case status >= 500: // the session is not saved
		return nil, nil
	}
	return q.storeInSession(saved)
}

// storeInSession needs not load what is unread. Django's SessionStorage._store.
func (q *request) storeInSession(saved bool) ([]move, error) {
	var c change
	var moves []move
	q.mu.Lock()
	for _, e := range q.entries {
		switch {
		case e.read && e.place == sessionPlace:
			c.remove = append(c.remove, e.record)
			moves = append(moves, move{e, sessionPlace, nowhere})
		case !e.read && e.place == nowhere:
			c.add = append(c.add, e.record)
			moves = append(moves, move{e, nowhere, sessionPlace})
		}
	}
	q.mu.Unlock()
	if err := q.m.changeSession(q.detached(), c, saved); err != nil {
		return nil, err
	}
	q.done(moves)
	return moves, nil
}

// storeInCookie is Django's CookieStorage._store and FallbackStorage._store.
func (q *request) storeInCookie(h http.Header, status int, saved bool) ([]move, error) {
	if cookie.Sets(h, cookieName) {
		if q.adds() {
			q.log(slog.LevelError, "messages were not stored", slog.Any("error", errForeign))
		}
		return nil, nil
	}
	r := q.detached()
	if err := q.load(r); err != nil {
		return nil, err
	}
	moves, records, c := q.inCookie()
	drops := q.m.storage == cookieStorage
	value, rest, err := q.m.jar.fit(r.Context(), records, drops)
	if err != nil {
		return nil, err
	}
	if drops && len(rest) > 0 {
		q.log(slog.LevelWarn, "messages were dropped, for which the cookie is too small", slog.Int("messages", len(rest)))
	}
	elsewhere := map[*record]bool{}
	for _, rec := range rest {
		elsewhere[rec] = true
	}
	for i := range moves {
		if elsewhere[moves[i].record] {
			moves[i].to = sessionPlace
		}
	}
	if c.add = rest; !drops && c.any() && status < 500 {
		if err := q.m.changeSession(r, c, saved); err != nil {
			return nil, err
		}
	}
	switch set := q.m.jar.cookie; {
	case len(records) > 0:
		set.Value = value
		set.Add(h, q.m.sessions.Now())
	case slices.ContainsFunc(moves, func(m move) bool { return m.from == cookiePlace }):
		set.Delete(h)
	}
	q.done(moves)
	return moves, nil
}

// inCookie returns the moves of all messages if all unread ones fit into the cookie, the
// records of these, and the change that empties the session.
func (q *request) inCookie() (moves []move, unread []*record, c change) {
	q.mu.Lock()
	defer q.mu.Unlock()
	c.clear = q.ended
	for _, e := range q.entries {
		m := move{e, e.place, nowhere}
		if !e.read {
			m.to = cookiePlace
			unread = append(unread, e.record)
		}
		if e.place == sessionPlace {
			c.remove = append(c.remove, e.record)
		}
		moves = append(moves, m)
	}
	return moves, unread, c
}

// adds reports whether there is an unread message that is stored nowhere.
func (q *request) adds() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.ContainsFunc(q.entries, func(e *entry) bool { return !e.read && e.place == nowhere })
}

func (q *request) done(moves []move) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range moves {
		m.place = m.to
	}
}

// undo is done for a cookie that is not sent.
func (q *request) undo(moves []move) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range moves {
		switch {
		case m.from == cookiePlace:
			m.place = cookiePlace
		case m.to == cookiePlace:
			m.place = nowhere
		}
	}
}

// detached returns the request for a commit, which goes on if the client has gone.
func (q *request) detached() *http.Request {
	return q.r.WithContext(context.WithoutCancel(q.r.Context()))
}
