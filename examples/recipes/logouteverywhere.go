package recipes

import (
	"context"
	"errors"
	"net/http"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
)

// LogOutOthers ends all sessions of the user but this one, on both sides and in every
// engine: it stores the password that was typed again, under another salt, and each session
// carries a hash of what was stored before.
func LogOutOthers(site *Site) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, _, ok := site.Require(w, r)
		if !ok {
			return
		}
		password := r.PostFormValue("password")
		_, err := site.Logins.Authenticate(r.Context(), user.Username, password)
		if errors.Is(err, auth.ErrCredentials) {
			http.Error(w, "The password is wrong.", http.StatusForbidden)
			return
		}
		if err == nil {
			_, err = site.Logins.ChangePassword(r, user, password)
		}
		if err != nil {
			site.Sessions.HandleError(w, r, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// ErrNoList: the engine keeps no list of its sessions.
var ErrNoList = errors.New("recipes: the session engine cannot list sessions")

// EndSessions deletes all sessions of a user, and returns how many there were. Make the user
// inactive or change the password before: a session that moves to another key during the
// loop, or a new login, may be missed. A session that cannot be read stays.
func EndSessions(ctx context.Context, site *Site, userID string) (ended int, err error) {
	lister, ok := site.Sessions.Store().(django.Lister)
	if !ok {
		return 0, ErrNoList
	}
	for listed, err := range lister.List(ctx, django.Filter{Now: site.Sessions.Now()}) {
		if err != nil {
			return ended, err
		}
		stored, ok := listed.Data.Get("_auth_user_id")
		if !ok {
			continue
		}
		if id, ok := site.Users.ReadID(stored); !ok || id != userID {
			continue
		}
		if err := site.Sessions.Delete(ctx, listed.Key); err != nil {
			return ended, err
		}
		ended++
	}
	return ended, nil
}
