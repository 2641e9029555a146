package rediscache_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// full has every Django run everything.
var full = os.Getenv("DJSESSION_MATRIX") == "full"

type engineSession struct {
	SessionKey string         `json:"session_key"`
	Values     fixtures.Value `json:"values"`
}

// TestLive: sessions go from Django to Go and back, through Django's RedisCache.
func TestLive(t *testing.T) {
	redis := servers.Redis(t)
	newest := testenv.NewestDjango(t).Name
	for _, d := range testenv.Djangos(t) {
		if !d.AtLeast(4, 0) || !full && d.Name != "4.2" && d.Name != newest {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			prefix := testenv.NewKeyPrefix()
			w := d.Start(t, testenv.Config{Settings: map[string]any{"SESSION_ENGINE": django.EngineCache,
				"CACHES": map[string]any{"default": map[string]any{"BACKEND": "django.core.cache.backends.redis.RedisCache",
					"LOCATION": redis.URL(3), "KEY_PREFIX": prefix, "VERSION": 2}}}})
			cache := rediscache.New(dial(t, redis.URL(3)))
			live(t, w, pickles.open(t, cache, cachestore.WithKeyPrefix(prefix), cachestore.WithVersion(2)))
		})
	}
}

// TestLiveSignedText: the same with django-redis-sessions.
func TestLiveSignedText(t *testing.T) {
	redis := servers.Redis(t)
	for _, d := range testenv.Djangos(t) {
		if d.Name != "5.2" {
			continue
		}
		for name, prefix := range map[string]string{"prefix": testenv.NewKeyPrefix(), "no prefix": ""} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				host, port, _ := strings.Cut(redis.Addr(), ":")
				w := d.Start(t, testenv.Config{Settings: map[string]any{"SESSION_ENGINE": texts.engine, "SECRET_KEY": secretKey,
					"SESSION_REDIS": map[string]any{"host": host, "port": port, "db": 5, "prefix": prefix, "socket_timeout": 10}}})
				live(t, w, texts.open(t, rediscache.New(dial(t, redis.URL(5))), cachestore.WithKeyPrefix(prefix)))
			})
		}
	}
}

func live(t *testing.T, w *testenv.Worker, ss *django.Sessions) {
	in := func(args testenv.Args) engineSession {
		t.Helper()
		return testenv.Ask[engineSession](t, w, "engine_session", args)
	}
	want := fixtures.NewDict(fixtures.Pair{Key: "z", Value: fixtures.NewInt(-7)}, fixtures.Pair{Key: "a", Value: fixtures.NewStr("caf\u00e9 \U0001f600")},
		fixtures.Pair{Key: "nested", Value: fixtures.NewDict(fixtures.Pair{Key: "y", Value: fixtures.Value{Kind: fixtures.Float, Text: "1.0"}},
			fixtures.Pair{Key: "b", Value: fixtures.Value{Kind: fixtures.List, Items: []fixtures.Value{{Kind: fixtures.None}, fixtures.NewInt(1 << 40)}}})})

	// Django makes it, Go changes and moves it, Django goes on, Go reads it.
	made := in(testenv.Args{"set": want})
	s, err := ss.Load(t.Context(), made.SessionKey)
	if err != nil {
		t.Fatal(err)
	}
	s.CycleKey()
	if err := errors.Join(s.Set("go", 8), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	want = want.With("go", fixtures.NewInt(8))
	got := in(testenv.Args{"session_key": s.Key(), "set": fixtures.NewDict(fixtures.Pair{Key: "py", Value: fixtures.NewInt(9)})})
	if !got.Values.Equal(want) {
		t.Errorf("Django reads %s, want %s", got.Values, want)
	}
	if old := in(testenv.Args{"session_key": made.SessionKey}); len(old.Values.Pairs) > 0 {
		t.Error("Django finds the session under the key that it had before Go moved it")
	}
	s, err = ss.Load(t.Context(), s.Key())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := django.Value(s, "py", 0); n != 9 || err != nil {
		t.Errorf("Go reads %d, %v", n, err)
	}
	if err := ss.Check(t.Context()); err != nil {
		t.Error(err)
	}

	// Go makes it, Django ends it while Go changes it.
	s = ss.NewSession()
	if err := errors.Join(s.Set("n", 1), s.Save(t.Context()), s.Set("n", 2)); err != nil {
		t.Fatal(err)
	}
	if got := in(testenv.Args{"session_key": s.Key(), "flush": true}); !got.Values.Equal(fixtures.NewDict(fixtures.Pair{Key: "n", Value: fixtures.NewInt(1)})) {
		t.Errorf("Django reads %s", got.Values)
	}
	if err := s.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
		t.Errorf("Save after a flush: %v, want ErrInterrupted", err)
	}
}
