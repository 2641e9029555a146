package main

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/djsession/djsession/django"
)

// liveSession is what the script of the panel is told.
type liveSession struct {
	shownSession
	User string `json:"user"` // empty if nobody is logged in
}

// live answers with the session as it is now. It is outside the middleware, and only reads:
// however often a page asks, the session is not saved, and lives no longer for it.
func (s *service) live(w http.ResponseWriter, r *http.Request) {
	shown, err := s.liveSession(r)
	if err != nil {
		s.sessions.HandleError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(shown) // fails if the visitor has gone
}

func (s *service) liveSession(r *http.Request) (liveSession, error) {
	none := liveSession{shownSession: shownSession{JSON: "{}"}}
	cookie, err := r.Cookie(s.sessions.Settings().SessionCookieName)
	if err != nil {
		return none, nil
	}
	session, err := s.sessions.Load(r.Context(), cookie.Value)
	if errors.Is(err, django.ErrNotFound) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	login, err := s.logins.Inspect(r.Context(), session)
	if err != nil {
		return none, err
	}
	if login.Flush { // the next page deletes it
		return none, nil
	}
	return liveSession{showSession(session), login.User.Username}, nil
}
