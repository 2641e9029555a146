package dbstore_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// packages are the session engines of other packages, which one pinned Django has
// ("sessions" in compat_test/djangos.json).
var packages = map[string]struct {
	app     string
	option  dbstore.Option
	touched string // the column with the time of the last save
	length  int    // of user_agent
}{
	"django-user-sessions": {"user_sessions", dbstore.WithUserSessions(), "last_activity", 200},
	"django-qsessions":     {"qsessions", dbstore.WithQSessions(), "updated_at", 300},
}

func djangoWithPackages(t *testing.T) testenv.Django {
	t.Helper()
	for _, d := range testenv.Djangos(t) {
		if d.Name == "5.2" {
			return d
		}
	}
	t.Fatal("Django 5.2 is not pinned any more: give another one the packages")
	return testenv.Django{}
}

// engineSession is the answer of python/engines.py.
type engineSession struct {
	SessionKey string         `json:"session_key"`
	Values     fixtures.Value `json:"values"`
	Resaves    bool           `json:"resaves"`
}

// TestPackages: sessions of django-user-sessions and django-qsessions, made and changed by
// either side, on each database.
func TestPackages(t *testing.T) {
	version := djangoWithPackages(t)
	for name, p := range packages {
		for vendorName, vendor := range testenv.Vendors {
			t.Run(name+"/"+vendorName, func(t *testing.T) {
				t.Parallel()
				d := servers.New(t, vendor)
				w := version.Start(t, testenv.Config{Database: d, Settings: map[string]any{
					"USE_TZ": true, "SECRET_KEY": settings().SecretKey, "SESSION_ENGINE": p.app + ".backends.db",
					"INSTALLED_APPS": []string{"django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions", p.app},
				}})
				testenv.Tell(t, w, "migrate", nil)
				user := testenv.Ask[string](t, w, "create_user", testenv.Args{"username": "ann", "password": nil})
				site := settings()
				site.SessionEngine = p.app + ".backends.db"
				now := time.Date(2026, 3, 1, 12, 0, 0, 250000000, time.UTC)
				testenv.Tell(t, w, "stop_clock", testenv.Args{"at": now.Unix()})
				var parameters []string
				if vendor == testenv.PostgreSQLVendor {
					parameters = []string{"default_query_exec_mode=exec"}
				}
				ss, err := django.New(site, dbstore.New(connect(t, d, parameters...), p.option), django.WithClock(func() time.Time { return now }))
				if err != nil {
					t.Fatal(err)
				}
				if err := ss.Store().(django.Checker).Check(t.Context(), now); err != nil {
					t.Errorf("Check: %v", err)
				}
				row := func(key string) string {
					t.Helper()
					rows := testenv.Ask[[][]*string](t, w, "execute", testenv.Args{
						"sql":    fmt.Sprintf("SELECT user_id, user_agent, ip, %s FROM %s_session WHERE session_key = %%s", p.touched, p.app),
						"params": []string{key}})
					if len(rows) != 1 {
						t.Fatalf("%d rows, want 1", len(rows))
					}
					var all []string
					for _, v := range rows[0] {
						if v == nil {
							v = new("NULL")
						}
						all = append(all, *v)
					}
					return strings.Join(all, " ")
				}
				at := func() string { return strings.TrimSuffix(now.Format("2006-01-02 15:04:05.000000"), ".000000") }
				is := func(what, key, want string) {
					t.Helper()
					if got := row(key); got != want && got != want+"+00:00" {
						t.Errorf("%s: the row is %s, want %s", what, got, want)
					}
				}
				client := func(agent, ip string) context.Context {
					return dbstore.WithClient(t.Context(), dbstore.Client{UserAgent: agent, IP: netip.MustParseAddr(ip)})
				}
				loginValues := fixtures.NewDict(fixtures.Pair{Key: "_auth_user_id", Value: fixtures.NewStr(user)})

				// Django makes it, Go changes it without a request.
				made := testenv.Ask[engineSession](t, w, "engine_session", testenv.Args{"user_agent": "Browser", "ip": "192.0.2.7", "set": loginValues})
				s := load(t, ss, made.SessionKey)
				s.MarkModified()
				save(t, s)
				is("renewed", s.Key(), user+" Browser 192.0.2.7 "+at())
				now = now.Add(time.Minute)
				s.Delete("_auth_user_id")
				save(t, s)
				is("logged out", s.Key(), "NULL Browser 192.0.2.7 "+at())

				// Go makes it, with and without a request, and Django goes on.
				s = ss.NewSession()
				store := func(ctx context.Context, key string, v any) {
					t.Helper()
					set(t, s, key, v)
					if err := s.Save(ctx); err != nil {
						t.Fatal(err)
					}
				}
				store(t.Context(), "a", 1)
				is("made without a request", s.Key(), "NULL NULL NULL "+at())
				store(client("Browser", "2001:DB8::7"), "_auth_user_id", user)
				is("logged in", s.Key(), user+" Browser 2001:db8::7 "+at())
				now = now.Add(time.Minute)
				s.CycleKey()
				store(client(strings.Repeat("é", 400), "192.0.2.8"), "a", 2)
				is("moved", s.Key(), user+" "+strings.Repeat("é", p.length)+" 192.0.2.8 "+at())
				store(dbstore.WithClient(t.Context(), dbstore.Client{}), "a", 3)
				is("of an unknown address", s.Key(), user+"  NULL "+at())
				store(client("Browser", "192.0.2.7"), "a", 4)
				got := testenv.Ask[engineSession](t, w, "engine_session", testenv.Args{"session_key": s.Key(), "user_agent": "Browser", "ip": "192.0.2.7"})
				want := fixtures.NewDict(fixtures.Pair{Key: "a", Value: fixtures.NewInt(4)}, fixtures.Pair{Key: "_auth_user_id", Value: fixtures.NewStr(user)})
				if got.SessionKey != s.Key() || !got.Values.Equal(want) {
					t.Errorf("Django reads %s, want %s", got.Values, want)
				}
				if p.app == "user_sessions" && got.Resaves {
					t.Error("Django takes the columns for those of another client")
				}
				changed := testenv.Ask[engineSession](t, w, "engine_session", testenv.Args{"session_key": s.Key(), "user_agent": "Browser", "ip": "192.0.2.7",
					"cycle": true, "set": fixtures.NewDict(fixtures.Pair{Key: "a", Value: fixtures.NewInt(5)})})
				s = load(t, ss, changed.SessionKey)
				if n, err := django.Value(s, "a", 0); n != 5 || err != nil {
					t.Errorf("Go reads %d, %v", n, err)
				}
				now = now.Add(time.Minute)
				store(t.Context(), "a", 6)
				is("changed by both", s.Key(), user+" Browser 192.0.2.7 "+at())

				if p.app == "qsessions" {
					created := func() string {
						return testenv.Ask[[][]string](t, w, "execute", testenv.Args{
							"sql": "SELECT created_at FROM qsessions_session WHERE session_key = %s", "params": []string{s.Key()}})[0][0]
					}
					before := created()
					now = now.Add(time.Minute)
					store(t.Context(), "a", 7)
					if after := created(); after != before {
						t.Errorf("a save changed created_at from %s to %s", before, after)
					}
					s.CycleKey()
					store(t.Context(), "a", 8)
					if after := created(); strings.TrimSuffix(after, "+00:00") != at() {
						t.Errorf("created_at is %s for a new key, want %s", after, at())
					}
				}
				if err := ss.Store().(django.Checker).Check(t.Context(), now); err != nil {
					t.Errorf("Check: %v", err)
				}
			})
		}
	}
}

// TestClientMiddleware: what it knows of a request is what Django has.
func TestClientMiddleware(t *testing.T) {
	for _, c := range []struct{ agent, remote, wantAgent, wantIP string }{
		{"Browser/1", "192.0.2.7:1234", "Browser/1", "192.0.2.7"},
		{"caf\xc3\xa9", "[2001:db8::7]:1234", "cafÃ©", "2001:db8::7"}, // as WSGI decodes a header
		{"", "@", "", "<nil>"},
		{"x", "[fe80::1%eth0]:80", "x", "fe80::1"},
	} {
		db := connect(t, servers.New(t, testenv.SQLiteVendor))
		db.MustExec(`CREATE TABLE user_sessions_session (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL,
			user_id integer, user_agent varchar(200), last_activity datetime NOT NULL, ip char(39))`)
		ss := newSessions(t, db, dbstore.WithUserSessions())
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("User-Agent", c.agent)
		dbstore.ClientMiddleware(ss.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			s, err := ss.Get(r)
			if err != nil {
				t.Error(err)
				return
			}
			set(t, s, "a", 1)
		}))).ServeHTTP(httptest.NewRecorder(), r)
		var agent string
		var ip *string
		if err := db.QueryRow("SELECT user_agent, ip FROM user_sessions_session").Scan(&agent, &ip); err != nil {
			t.Fatal(err)
		}
		if ip == nil {
			ip = new("<nil>")
		}
		if agent != c.wantAgent || *ip != c.wantIP {
			t.Errorf("user_agent is %q and ip %s, want %q and %s", agent, *ip, c.wantAgent, c.wantIP)
		}
	}
}

// TestCachedEngine: an engine that reads a cache first would not see what Go stores.
func TestCachedEngine(t *testing.T) {
	site := settings()
	site.SessionEngine = "qsessions.backends.cached_db"
	if _, err := django.New(site, dbstore.New(nil, dbstore.WithDialect(dbstore.SQLite), dbstore.WithQSessions())); err == nil || !strings.Contains(err.Error(), "cache") {
		t.Errorf("New: %v", err)
	}
}

// TestModelWithExtraColumns: a site's own columns go with those of a package, and
// win.
func TestModelWithExtraColumns(t *testing.T) {
	db := connect(t, servers.New(t, testenv.SQLiteVendor))
	db.MustExec(`CREATE TABLE elsewhere (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL,
		user_id integer, user_agent varchar(300), created_at datetime, updated_at datetime NOT NULL, ip char(39), tenant text)`)
	ss := newSessions(t, db, dbstore.WithTable("elsewhere"), extra(map[string]any{"tenant": "north", "user_agent": "none"}), dbstore.WithQSessions())
	s := ss.NewSession()
	for key, v := range map[string]any{"_auth_user_id": 7, "_qsessions_ip": "not an address", "_qsessions_user_agent": 5} {
		set(t, s, key, v)
	}
	save(t, s)
	if n := count(t, db, "SELECT COUNT(*) FROM elsewhere WHERE tenant = 'north' AND user_agent = 'none' AND user_id = 7 AND ip IS NULL AND created_at = updated_at"); n != 1 {
		t.Error("the row is not as it should be")
	}
}
