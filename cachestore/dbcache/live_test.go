package dbcache_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/dbcache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// full has every Django run everything. By default compat_test has every Django.
var full = os.Getenv("DJSESSION_MATRIX") == "full"

// TestLive: Django and Go find each other's sessions in the table that Django has made, whatever
// the database and the settings of time, and agree about when they expire.
func TestLive(t *testing.T) {
	newest := testenv.NewestDjango(t).Name
	usual := map[string]bool{"2.2 MariaDB local": true, newest + " PostgreSQL local": true}
	for _, d := range testenv.Djangos(t) {
		for name, vendor := range testenv.Vendors {
			for clock, set := range map[string]struct {
				useTZ    bool
				timeZone string
				database string // TIME_ZONE of DATABASES
			}{
				"UTC": {true, "Asia/Kolkata", ""}, "local": {false, "America/Chicago", ""}, "zone": {true, "UTC", "Asia/Kathmandu"},
			} {
				// Django 3.2 writes UTC into a database that has a zone, and reads it in that zone.
				name := d.Name + " " + name + " " + clock
				if !full && !usual[name] || set.database != "" && (vendor == testenv.PostgreSQLVendor || !d.AtLeast(4, 2)) {
					continue
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					config := testenv.Config{Database: servers.New(t, vendor), Settings: map[string]any{
						"USE_TZ": set.useTZ, "TIME_ZONE": set.timeZone, "SESSION_ENGINE": django.EngineCache,
						"CACHES": map[string]any{"default": map[string]any{
							"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shop_cache", "KEY_PREFIX": "shop"}}}}
					var opts []dbcache.Option
					if set.database != "" {
						config.DatabaseFields = map[string]any{"TIME_ZONE": set.database}
						opts = append(opts, dbcache.WithTimeZone(set.database))
					}
					w := d.Start(t, config)
					testenv.Tell(t, w, "createcachetable", nil)
					site := settings()
					site.UseTZ, site.TimeZone = &set.useTZ, set.timeZone
					cache := dbcache.New(connect(t, config.Database), "shop_cache", opts...)
					ss, err := django.New(site, cachestore.New(cache, cachestore.WithKeyPrefix("shop")))
					if err != nil {
						t.Fatal(err)
					}
					live(t, w, ss)
				})
			}
		}
	}
}

type engineSession struct {
	SessionKey string         `json:"session_key"`
	Values     fixtures.Value `json:"values"`
}

func live(t *testing.T, w *testenv.Worker, ss *django.Sessions) {
	in := func(args testenv.Args) engineSession {
		t.Helper()
		return testenv.Ask[engineSession](t, w, "engine_session", args)
	}
	expires := func(key string) time.Time {
		t.Helper()
		rows := testenv.Ask[[][]string](t, w, "execute", testenv.Args{"sql": "SELECT expires FROM shop_cache WHERE cache_key = %s",
			"params": []string{"shop:1:django.contrib.sessions.cache" + key}})
		if len(rows) != 1 {
			t.Fatalf("rows %v", rows)
		}
		text, _, _ := strings.Cut(rows[0][0], "+")
		at, err := time.Parse("2006-01-02 15:04:05", text) // of whole seconds only
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	want := fixtures.NewDict(fixtures.Pair{Key: "n", Value: fixtures.NewInt(1)}, fixtures.Pair{Key: "text", Value: fixtures.NewStr("caf\u00e9 \U0001f600")})
	made := in(testenv.Args{"set": want})
	s, err := ss.Load(t.Context(), made.SessionKey)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := django.Value(s, "text", ""); got != "caf\u00e9 \U0001f600" || err != nil {
		t.Errorf("Go reads %q, %v", got, err)
	}
	byDjango := expires(made.SessionKey)
	if err := errors.Join(s.Set("n", 2), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	if apart := expires(made.SessionKey).Sub(byDjango); apart < 0 || apart > 30*time.Second {
		t.Errorf("with Go the session expires %v later than with Django", apart)
	}
	want = want.With("n", fixtures.NewInt(2))
	got := in(testenv.Args{"session_key": s.Key(), "cycle": true})
	if !got.Values.Equal(want) {
		t.Errorf("Django reads %s, want %s", got.Values, want)
	}
	if _, err := ss.Load(t.Context(), s.Key()); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("under the key that it had before Django moved it: %v", err)
	}
	if s, err = ss.Load(t.Context(), got.SessionKey); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := in(testenv.Args{"session_key": got.SessionKey}); len(got.Values.Pairs) > 0 {
		t.Errorf("Django reads a session that Go has ended: %s", got.Values)
	}

	// Sessions that have expired are gone for both, and their keys are free.
	made = in(testenv.Args{"set": want})
	testenv.Tell(t, w, "execute", testenv.Args{"sql": "UPDATE shop_cache SET expires = %s", "params": []string{"2020-01-01 00:00:00"}})
	if _, err := ss.Load(t.Context(), made.SessionKey); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("an expired session: %v", err)
	}
	s = ss.NewSession()
	if err := errors.Join(s.Set("n", 3), s.SetExpiry(time.Hour), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	if n, ok := in(testenv.Args{"session_key": s.Key()}).Values.Get("n"); !ok || !n.Equal(fixtures.NewInt(3)) {
		t.Errorf("Django reads %s", n)
	}
	if err := ss.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
