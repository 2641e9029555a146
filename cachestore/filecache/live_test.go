package filecache_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/filecache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// full has every Django run everything. By default compat_test has every Django.
var full = os.Getenv("DJSESSION_MATRIX") == "full"

type engineSession struct {
	SessionKey string         `json:"session_key"`
	Values     fixtures.Value `json:"values"`
}

// TestLive: Django and Go find each other's sessions in the files of a directory.
func TestLive(t *testing.T) {
	newest := testenv.NewestDjango(t).Name
	for _, d := range testenv.Djangos(t) {
		if !full && d.Name != newest {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "cache")
			w := d.Start(t, testenv.Config{Settings: map[string]any{"SESSION_ENGINE": django.EngineCache,
				"CACHES": map[string]any{"default": map[string]any{
					"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": dir, "KEY_PREFIX": "caf\u00e9 / shop"}}}})
			set := django.DefaultSettings()
			set.SecretKey, set.SessionEngine = "the secret of these tests", django.EngineCache
			ss, err := django.New(set, cachestore.New(filecache.New(dir), cachestore.WithKeyPrefix("caf\u00e9 / shop")))
			if err != nil {
				t.Fatal(err)
			}
			live(t, w, ss, dir)
		})
	}
}

func live(t *testing.T, w *testenv.Worker, ss *django.Sessions, dir string) {
	in := func(args testenv.Args) engineSession {
		t.Helper()
		return testenv.Ask[engineSession](t, w, "engine_session", args)
	}
	files := func(want int) {
		t.Helper()
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != want {
			t.Errorf("the directory holds %v, %v, want %d files", entries, err, want)
		}
	}
	for n := range 10 {
		want := fixtures.NewDict(fixtures.Pair{Key: "n", Value: fixtures.NewInt(int64(n))}, fixtures.Pair{Key: "text", Value: fixtures.NewStr(strings.Repeat("caf\u00e9 ", n*n*n*n))})
		made := in(testenv.Args{"set": want})
		s, err := ss.Load(t.Context(), made.SessionKey)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := django.Value(s, "n", -1); got != n || err != nil {
			t.Errorf("Go reads %d, %v", got, err)
		}
		if err := errors.Join(s.Set("go", n), s.SetExpiry(time.Hour), s.Save(t.Context())); err != nil {
			t.Fatal(err)
		}
		got := in(testenv.Args{"session_key": s.Key(), "cycle": true})
		if want = want.With("go", fixtures.NewInt(int64(n))).With("_session_expiry", fixtures.NewInt(3600)); !got.Values.Equal(want) {
			t.Errorf("Django reads %.200s, want %.200s", got.Values, want)
		}
		if s, err = ss.Load(t.Context(), got.SessionKey); err != nil {
			t.Fatal(err)
		}
		files(1)
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		files(0)

		s = ss.NewSession()
		if err := errors.Join(s.Set("n", n), s.Save(t.Context())); err != nil {
			t.Fatal(err)
		}
		if got := in(testenv.Args{"session_key": s.Key(), "flush": true}); !got.Values.Equal(fixtures.NewDict(want.Pairs[0])) {
			t.Errorf("Django reads %s", got.Values)
		}
		if _, err := ss.Load(t.Context(), s.Key()); !errors.Is(err, django.ErrNotFound) {
			t.Errorf("a session that Django has ended: %v", err)
		}
		files(0)
	}

	// A session that has expired is gone for both.
	s := ss.NewSession()
	if err := errors.Join(s.Set("n", 1), s.SetExpiry(time.Second), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	files(1)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := ss.Load(t.Context(), s.Key()); errors.Is(err, django.ErrNotFound) {
			break
		} else if err != nil || time.Now().After(end) {
			t.Fatal(fmt.Errorf("a session that has expired: %w", err))
		}
	}
	if got := in(testenv.Args{"session_key": s.Key()}); len(got.Values.Pairs) > 0 {
		t.Errorf("Django reads an expired session: %s", got.Values)
	}
	files(0) // Django has removed it
}
