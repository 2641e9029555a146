package usertable_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// joinSite is a site in a database whose statements are counted.
type joinSite struct {
	db       *testenv.Counting
	sessions *django.Sessions
	users    *usertable.Table
	logins   *auth.Logins
}

func newJoinSite(t testing.TB, db *sqlx.DB, set django.Settings, opts ...usertable.Option) *joinSite {
	t.Helper()
	s := &joinSite{db: &testenv.Counting{DB: db}}
	s.open(t, s.db, set, opts...)
	return s
}

// open opens the site on s.db, or on the *sqlx.DB inside, whose statements are not counted.
func (s *joinSite) open(t testing.TB, db dbstore.DB, set django.Settings, opts ...usertable.Option) {
	t.Helper()
	dialect := dialects[s.db.DriverName()]
	var err error
	if s.sessions, err = django.New(set, dbstore.New(db, dbstore.WithDialect(dialect))); err != nil {
		t.Fatal(err)
	}
	if s.users, err = usertable.Open(db, s.sessions, append(opts, usertable.WithDialect(dialect))...); err != nil {
		t.Fatal(err)
	}
	if s.logins, err = auth.New(s.sessions, s.users, auth.WithLogger(slog.New(slog.DiscardHandler))); err != nil {
		t.Fatal(err)
	}
}

// login returns the key of a session in which a user is logged in.
func (s *joinSite) login(t testing.TB, id string) string {
	t.Helper()
	session := s.sessions.NewSession()
	if err := s.logins.LoginSession(t.Context(), session, byID(t, s.users, id)); err != nil {
		t.Fatal(err)
	}
	if err := session.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	return session.Key()
}

// serve serves one request by f, and returns how many statements it took.
func (s *joinSite) serve(key string, f func(r *http.Request)) int {
	before := s.db.Statements.Load()
	r := httptest.NewRequest("GET", "/", nil)
	r.AddCookie(&http.Cookie{Name: "sessionid", Value: key})
	s.sessions.Middleware(s.logins.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { f(r) }))).ServeHTTP(httptest.NewRecorder(), r)
	return int(s.db.Statements.Load() - before)
}

// user returns the user of a request, and the number of statements.
func (s *joinSite) user(key string) (u auth.User, statements int, err error) {
	statements = s.serve(key, func(r *http.Request) { u, err = s.logins.User(r) })
	return u, statements, err
}

// costs checks that a request finds a user with this number of statements.
func (s *joinSite) costs(t testing.TB, step, key string, want auth.User, statements int) {
	t.Helper()
	got, n, err := s.user(key)
	want.LastLogin, want.Backend = got.LastLogin, got.Backend
	if err != nil || n != statements {
		t.Errorf("%s: %d statements, want %d; %v", step, n, statements, err)
	}
	same(t, got, want)
}

// withSessions returns a database with users and sessions in it.
func withSessions(t testing.TB, vendor testenv.Vendor) *sqlx.DB {
	t.Helper()
	d := withUsers(t, vendor)
	d.CreateSessionTable(t)
	db := connect(t, d)
	db.MustExec("UPDATE auth_user SET is_active = (id < 99)")
	return db
}

// joinedEverywhere runs a test on each database and with each USE_TZ.
func joinedEverywhere(t *testing.T, test func(t *testing.T, db *sqlx.DB, set django.Settings)) {
	for name, vendor := range testenv.Vendors {
		for zone, useTZ := range map[string]bool{"UTC": true, "America/Chicago": false} {
			t.Run(name+" in "+zone, func(t *testing.T) {
				set := settings()
				set.UseTZ, set.TimeZone = &useTZ, zone
				test(t, withSessions(t, vendor), set)
			})
		}
	}
}

var activeBen = auth.User{ID: "22", Username: "ben", Password: ben.Password, IsActive: true}

// TestJoin: once a session is known, it and its user take one statement.
func TestJoin(t *testing.T) {
	joinedEverywhere(t, func(t *testing.T, db *sqlx.DB, set django.Settings) {
		s, plain := newJoinSite(t, db, set, usertable.WithJoin()), newJoinSite(t, db, set)
		key := s.login(t, "1")
		s.costs(t, "not known yet", key, ann, 2)
		s.costs(t, "known", key, ann, 1)
		plain.costs(t, "without WithJoin", key, ann, 2)
		joined, _, _ := s.user(key)
		alone, _, _ := plain.user(key)
		same(t, joined, alone)
		if joined.LastLogin.IsZero() {
			t.Error("no last login")
		}
		n := s.serve(key, func(r *http.Request) {
			for range 2 {
				if session, err := s.sessions.Get(r); err != nil || session.Key() != key {
					t.Errorf("session: %v", err)
				}
				if u, err := s.logins.User(r); err != nil || u.ID != "1" {
					t.Errorf("user: %v, %v", u, err)
				}
			}
		})
		if n != 1 {
			t.Errorf("session and user, twice: %d statements", n)
		}
		if n := s.serve(key, func(r *http.Request) {
			if u, err := s.users.ByID(r.Context(), "22"); err != nil || u.Username != "ben" {
				t.Errorf("another user: %v, %v", u, err)
			}
			if u, err := s.logins.User(r); err != nil || u.ID != "1" {
				t.Errorf("user: %v, %v", u, err)
			}
			if u, err := s.users.ByID(r.Context(), "1"); err != nil || u.Username != "ann" {
				t.Errorf("the same user again: %v, %v", u, err)
			}
		}); n != 3 {
			t.Errorf("three users: %d statements, want 3: the joined one is for one use", n)
		}
		if n := s.serve(key, func(r *http.Request) {}); n != 0 {
			t.Errorf("a request that asks for nothing: %d statements", n)
		}
		_, n, err := s.user("nosuchsessionnosuchsessionnosuch")
		if n != 1 || err != nil {
			t.Errorf("no session: %d statements, %v", n, err)
		}
	})
}

// TestJoinFails: if the users cannot be read, the session can, as with two queries.
func TestJoinFails(t *testing.T) {
	for name, statement := range map[string]string{
		"no column": "ALTER TABLE auth_user RENAME COLUMN is_active TO enabled",
		"no table":  "DROP TABLE auth_user",
	} {
		t.Run(name, func(t *testing.T) {
			for vendor := range testenv.Vendors {
				t.Run(vendor, func(t *testing.T) {
					db := withSessions(t, testenv.Vendors[vendor])
					s := newJoinSite(t, db, settings(), usertable.WithJoin())
					key := s.login(t, "1")
					s.costs(t, "not known yet", key, ann, 2)
					db.MustExec(statement)
					s.serve(key, func(r *http.Request) {
						if session, err := s.sessions.Get(r); err != nil || session.Key() != key {
							t.Errorf("session: %v", err)
						}
						_, err := s.logins.User(r)
						var e *dbstore.Error
						if !errors.As(err, &e) || e.Package != "usertable" || e.Kind != dbstore.KindUndefined {
							t.Errorf("user: %v", err)
						}
					})
				})
			}
		})
	}
	t.Run("a flag that is neither", func(t *testing.T) {
		db := withSessions(t, testenv.SQLiteVendor)
		s := newJoinSite(t, db, settings(), usertable.WithJoin())
		key := s.login(t, "1")
		s.costs(t, "not known yet", key, ann, 2)
		db.MustExec("UPDATE auth_user SET is_staff = 2")
		if u, n, err := s.user(key); err == nil || n != 3 || strings.Contains(err.Error(), "dbstore") {
			t.Errorf("%v, %d statements, %v", u, n, err)
		}
	})
}

// TestJoinAtOnce: many goroutines of many requests, while users change.
func TestJoinAtOnce(t *testing.T) {
	for vendor := range testenv.Vendors {
		t.Run(vendor, func(t *testing.T) {
			s := &joinSite{db: &testenv.Counting{DB: withSessions(t, testenv.Vendors[vendor])}}
			s.open(t, s.db.DB, settings(), usertable.WithJoin())
			keys := map[string]string{s.login(t, "1"): "1", s.login(t, "22"): "22"}
			var all sync.WaitGroup
			for key, id := range keys {
				for range 4 {
					all.Go(func() {
						for range 10 {
							s.serve(key, func(r *http.Request) {
								var both sync.WaitGroup
								for range 2 {
									both.Go(func() {
										if u, err := s.logins.User(r); u.ID != id || err != nil {
											t.Errorf("%q, %v; want %q", u.ID, err, id)
										}
									})
								}
								if session, err := s.sessions.Get(r); err != nil || session.Key() != key {
									t.Errorf("session: %v", err)
								}
								both.Wait()
							})
							if err := s.users.SetLastLogin(t.Context(), id, time.Now()); err != nil {
								t.Error(err)
							}
						}
					})
				}
			}
			all.Wait()
		})
	}
}
