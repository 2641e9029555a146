package usertable_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestJoinedUserIsNotOlder: a session that was read later than the user is compared with the user
// as they are then. It would be dropped otherwise, and with WithFlush deleted.
func TestJoinedUserIsNotOlder(t *testing.T) {
	// changePassword does what another process does for a user who changes their password: the
	// user gets it, and the session under key its hash, under the same key.
	changePassword := func(t *testing.T, s, elsewhere *joinSite, key string) {
		s.db.DB.MustExec("UPDATE auth_user SET password = 'new' WHERE id = 1")
		again := elsewhere.login(t, "1")
		s.db.DB.MustExec(s.db.DB.Rebind("UPDATE django_session SET session_data = (SELECT d FROM (SELECT session_data AS d FROM django_session WHERE session_key = ?) x) WHERE session_key = ?"), again, key)
	}
	for name, do := range map[string]func(t *testing.T, s, elsewhere *joinSite, r *http.Request, session *django.Session) (*django.Session, error){
		"merged by a save": func(t *testing.T, s, elsewhere *joinSite, r *http.Request, session *django.Session) (*django.Session, error) {
			changePassword(t, s, elsewhere, session.Key())
			return session, errors.Join(session.Set("a", 1), session.Save(r.Context()))
		},
		"loaded by an update": func(t *testing.T, s, elsewhere *joinSite, r *http.Request, session *django.Session) (*django.Session, error) {
			changePassword(t, s, elsewhere, session.Key())
			return session, s.sessions.UpdateRequest(r, func(session *django.Session) error { return session.Set("a", 1) })
		},
		"another session of the user's": func(t *testing.T, s, elsewhere *joinSite, r *http.Request, session *django.Session) (*django.Session, error) {
			other := elsewhere.login(t, "1")
			changePassword(t, s, elsewhere, other)
			return s.sessions.Load(r.Context(), other)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for vendor := range testenv.Vendors {
				t.Run(vendor, func(t *testing.T) {
					s := newJoinSite(t, withSessions(t, testenv.Vendors[vendor]), settings(), usertable.WithJoin())
					elsewhere := newJoinSite(t, s.db.DB, settings())
					key := s.login(t, "1")
					s.costs(t, "not known yet", key, ann, 2)
					s.serve(key, func(r *http.Request) {
						session, err := s.sessions.Get(r)
						if err != nil {
							t.Fatal(err)
						}
						if session, err = do(t, s, elsewhere, r, session); err != nil {
							t.Fatal(err)
						}
						var u auth.User
						if u, err = s.logins.SessionUser(r.Context(), session); u.Username != "ann" || err != nil {
							t.Errorf("%q, %v; want ann", u.Username, err)
						}
					})
				})
			}
		})
	}
}
