package usertable_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestJoinPredictsWrongly: whatever changed since the session was seen, the verdict is that of two
// queries.
func TestJoinPredictsWrongly(t *testing.T) {
	const asAnn = "UPDATE django_session SET session_data = (SELECT d FROM (SELECT session_data AS d FROM django_session WHERE session_key = ?) x) WHERE session_key = ?"
	for name, c := range map[string]struct {
		change     func(db *sqlx.DB, key, bens string)
		statements int
		who        string
	}{
		"nothing":      {func(*sqlx.DB, string, string) {}, 1, "ann"},
		"password":     {func(db *sqlx.DB, _, _ string) { db.MustExec("UPDATE auth_user SET password = 'new' WHERE id = 1") }, 1, ""},
		"another's":    {func(db *sqlx.DB, _, _ string) { db.MustExec("UPDATE auth_user SET password = 'new' WHERE id = 22") }, 1, "ann"},
		"deactivated":  {func(db *sqlx.DB, _, _ string) { db.MustExec("UPDATE auth_user SET is_active = (id = 22)") }, 1, ""},
		"renamed":      {func(db *sqlx.DB, _, _ string) { db.MustExec("UPDATE auth_user SET username = 'eve' WHERE id = 1") }, 1, "eve"},
		"user is gone": {func(db *sqlx.DB, _, _ string) { db.MustExec("DELETE FROM auth_user WHERE id = 1") }, 1, ""},
		"session is gone": {func(db *sqlx.DB, key, _ string) {
			db.MustExec(db.Rebind("DELETE FROM django_session WHERE session_key = ?"), key)
		}, 2, ""}, // a session that is not found is read alone
		"session expired": {func(db *sqlx.DB, _, _ string) {
			db.MustExec("UPDATE django_session SET expire_date = '2001-01-01 00:00:00'")
		}, 2, ""},
		"session of ben's": {func(db *sqlx.DB, key, bens string) { db.MustExec(db.Rebind(asAnn), bens, key) }, 2, "ben"},
		"ben's, and ann is gone": {func(db *sqlx.DB, key, bens string) {
			db.MustExec(db.Rebind(asAnn), bens, key)
			db.MustExec("DELETE FROM auth_user WHERE id = 1")
		}, 2, "ben"},
		"ben's, and ben is gone": {func(db *sqlx.DB, key, bens string) {
			db.MustExec(db.Rebind(asAnn), bens, key)
			db.MustExec("DELETE FROM auth_user WHERE id = 22")
		}, 2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			joinedEverywhere(t, func(t *testing.T, db *sqlx.DB, set django.Settings) {
				s, plain := newJoinSite(t, db, set, usertable.WithJoin()), newJoinSite(t, db, set)
				key, bens := s.login(t, "1"), s.login(t, "22")
				s.costs(t, "not known yet", key, ann, 2)
				c.change(db, key, bens)
				got, n, err := s.user(key)
				want, _, wantErr := plain.user(key)
				same(t, got, want)
				if got.Username != c.who || n != c.statements || err != nil || wantErr != nil {
					t.Errorf("%q, %d statements, %v; want %q, %d; %v", got.Username, n, err, c.who, c.statements, wantErr)
				}
				again := 1
				if strings.HasPrefix(name, "session ") && want.ID == "" {
					again = 2
				}
				if got, n, err = s.user(key); got.Username != c.who || n != again || err != nil {
					t.Errorf("again: %q, %d statements, %v", got.Username, n, err)
				}
			})
		})
	}
}

// TestJoinWithoutLogin: a session that names nobody any more is read alone.
func TestJoinWithoutLogin(t *testing.T) {
	db := withSessions(t, testenv.SQLiteVendor)
	s := newJoinSite(t, db, settings(), usertable.WithJoin())
	key := s.login(t, "1")
	s.costs(t, "not known yet", key, ann, 2)
	session, err := s.sessions.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	session.Clear()
	if err := session.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	db.MustExec("DROP TABLE auth_user") // so that the statement with both tables would be a second one
	s.costs(t, "logged out: the user is still expected", key, auth.User{}, 2)
	s.costs(t, "logged out", key, auth.User{}, 1)
}

// TestJoinWithinARequest: what happens between the load of the session and the look-up of the
// user counts.
func TestJoinWithinARequest(t *testing.T) {
	for name, c := range map[string]struct {
		do  func(t *testing.T, s *joinSite, r *http.Request) error
		who string
	}{
		"password set": {func(t *testing.T, s *joinSite, r *http.Request) error {
			done, err := s.users.SetPassword(r.Context(), "1", "", "new")
			if !done {
				t.Error("not stored")
			}
			return err
		}, ""},
		"a second later": {func(_ *testing.T, s *joinSite, r *http.Request) error {
			time.Sleep(1100 * time.Millisecond)
			_, err := s.db.DB.Exec("UPDATE auth_user SET is_active = (id = 22)")
			return err
		}, ""},
		"another user logs in": {func(t *testing.T, s *joinSite, r *http.Request) error {
			return s.logins.Login(r, byID(t, s.users, "22"))
		}, "ben"},
		"out and in": {func(t *testing.T, s *joinSite, r *http.Request) error {
			return errors.Join(s.logins.Logout(r), s.logins.Login(r, byID(t, s.users, "1")))
		}, "ann"},
		"out": {func(_ *testing.T, s *joinSite, r *http.Request) error { return s.logins.Logout(r) }, ""},
		"flushed": {func(_ *testing.T, s *joinSite, r *http.Request) error {
			session, err := s.sessions.Get(r)
			return errors.Join(err, session.Flush(r.Context()))
		}, ""},
		"cycled and saved": {func(_ *testing.T, s *joinSite, r *http.Request) error {
			session, err := s.sessions.Get(r)
			session.CycleKey()
			return errors.Join(err, session.Save(r.Context()))
		}, "ann"},
		"merged with another's change": {func(_ *testing.T, s *joinSite, r *http.Request) error {
			session, err := s.sessions.Get(r)
			if err != nil {
				return err
			}
			other, err := s.sessions.Load(r.Context(), session.Key())
			if err != nil {
				return err
			}
			// Elsewhere the login is taken away, and the save here merges.
			for _, key := range []string{"_auth_user_id", "_auth_user_backend", "_auth_user_hash"} {
				other.Delete(key)
			}
			return errors.Join(other.Save(r.Context()), session.Set("a", 1), session.Save(r.Context()))
		}, ""},
		"another session is loaded": {func(t *testing.T, s *joinSite, r *http.Request) error {
			_, err := s.sessions.Load(r.Context(), s.login(t, "22"))
			return err
		}, "ann"},
	} {
		t.Run(name, func(t *testing.T) {
			for vendor := range testenv.Vendors {
				t.Run(vendor, func(t *testing.T) {
					s := newJoinSite(t, withSessions(t, testenv.Vendors[vendor]), settings(), usertable.WithJoin())
					key := s.login(t, "1")
					s.costs(t, "not known yet", key, ann, 2)
					s.serve(key, func(r *http.Request) {
						if _, err := s.sessions.Get(r); err != nil {
							t.Error(err)
						}
						if err := c.do(t, s, r); err != nil {
							t.Error(err)
						}
						if u, err := s.logins.User(r); u.Username != c.who || err != nil {
							t.Errorf("%q, %v; want %q", u.Username, err, c.who)
						}
					})
				})
			}
		})
	}
}
