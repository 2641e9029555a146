package memcached_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/memcached"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// full has every Django run everything. By default compat_test has every Django, and TestPicks
// more keys.
var full = os.Getenv("DJSESSION_MATRIX") == "full"

// site is one of Django's CACHES, and its counterpart.
type site struct {
	pylibmc   bool
	behaviors map[string]any
	location  string
	prefix    string
	opts      []memcached.Option
}

// entry is that of CACHES.
func (s site) entry(name string) map[string]any {
	entry := map[string]any{"BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache", "LOCATION": s.location, "KEY_PREFIX": s.prefix + name}
	if s.pylibmc {
		entry["BACKEND"] = "django.core.cache.backends.memcached.PyLibMCCache"
	}
	if s.behaviors != nil {
		entry["OPTIONS"] = map[string]any{"behaviors": s.behaviors}
	}
	return entry
}

func (s site) sessions(t *testing.T, name string) *django.Sessions {
	t.Helper()
	ss, err := django.New(settings(), cachestore.New(memcached.New(s.location, s.opts...), cachestore.WithKeyPrefix(s.prefix+name)))
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

// TestLive: each side finds what the other one has stored on one of several servers.
func TestLive(t *testing.T) {
	three := several(t, 3)
	tcp := strings.Join(three, ";")
	elsewhere := strings.Join([]string{"unix:" + forward(t, "unix", three[0]), forward(t, "tcp6", three[1]), three[2]}, ",")
	pylibmc, ketama := memcached.WithSelection(memcached.Pylibmc), memcached.WithSelection(memcached.PylibmcKetama)
	sites := map[string]site{
		"pymemcache":            {location: tcp},
		"pymemcache-one":        {location: three[0]},
		"pymemcache-names":      {location: elsewhere},
		"pymemcache-not-ascii":  {location: tcp, prefix: "caf\u00e9-\u4e2d\U0001f600"},
		"pylibmc":               {pylibmc: true, location: tcp, opts: []memcached.Option{pylibmc}},
		"pylibmc-one":           {pylibmc: true, location: three[1], opts: []memcached.Option{pylibmc}},
		"pylibmc-one-not-ascii": {pylibmc: true, location: three[1], prefix: "caf\u00e9", opts: []memcached.Option{pylibmc}},
		"pylibmc-ketama":        {pylibmc: true, behaviors: map[string]any{"ketama": true}, location: tcp, opts: []memcached.Option{ketama}},
	}
	for _, d := range testenv.Djangos(t) {
		if !full && d.Name != "4.2" { // the only one with both clients
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			caches := map[string]any{"default": map[string]any{"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
			here := map[string]site{}
			for name, s := range sites {
				if s.pylibmc && !d.AtLeast(5, 0) || !s.pylibmc && d.AtLeast(3, 2) {
					here[name], caches[name] = s, s.entry(name+d.Name)
				}
			}
			w := d.Start(t, testenv.Config{Settings: map[string]any{"CACHES": caches, "SESSION_ENGINE": django.EngineCache}})
			for name, s := range here {
				t.Run(name, func(t *testing.T) {
					count := 20
					if full {
						count = 200
					}
					bothWays(t, w, name, s.sessions(t, name+d.Name), count)
				})
			}
			if s, ok := here["pylibmc"]; ok {
				t.Run("compressed", func(t *testing.T) { compressed(t, w, "pylibmc", s.sessions(t, "pylibmc"+d.Name)) })
			}
			if s, ok := here["pymemcache-one"]; ok {
				t.Run("not a session", func(t *testing.T) { notSessions(t, w, "pymemcache-one", s.sessions(t, "pymemcache-one"+d.Name)) })
			}
		})
	}
}

// forward returns the address at which connections lead to another one.
func forward(t *testing.T, network, target string) (address string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "mc") // the path of a socket has a limit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	at := filepath.Join(dir, "s")
	if network != "unix" {
		at = "[::1]:0"
	}
	listener, err := net.Listen(network, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
			go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
		}
	}()
	return listener.Addr().String()
}

type engineSession struct {
	SessionKey string         `json:"session_key"`
	Values     fixtures.Value `json:"values"`
}

func dict(n int) fixtures.Value {
	return fixtures.NewDict(fixtures.Pair{Key: "n", Value: fixtures.NewInt(int64(n))}, fixtures.Pair{Key: "text", Value: fixtures.NewStr("caf\u00e9")})
}

// bothWays: Go finds what Django has stored and changes it, Django finds that and what Go has
// stored, and ends it, and so does Go.
func bothWays(t *testing.T, w *testenv.Worker, cache string, ss *django.Sessions, count int) {
	in := func(args testenv.Args) engineSession {
		t.Helper()
		args["cache"] = cache
		return testenv.Ask[engineSession](t, w, "engine_session", args)
	}
	for n := range count {
		made := in(testenv.Args{"set": dict(n)})
		s, err := ss.Load(t.Context(), made.SessionKey)
		if err != nil {
			t.Fatalf("session %d of Django: %v", n, err)
		}
		if got, err := django.Value(s, "n", -1); got != n || err != nil {
			t.Fatalf("session %d of Django: %d, %v", n, got, err)
		}
		if err := errors.Join(s.Set("n", n+1), s.Save(t.Context())); err != nil {
			t.Fatal(err)
		}
		if got := in(testenv.Args{"session_key": made.SessionKey, "flush": true}); !got.Values.Equal(dict(n + 1)) {
			t.Fatalf("session %d of Django, changed by Go: %s", n, got.Values)
		}
		if _, err := ss.Load(t.Context(), made.SessionKey); !errors.Is(err, django.ErrNotFound) {
			t.Fatalf("session %d, which Django has ended: %v", n, err)
		}

		s = ss.NewSession()
		if err := errors.Join(s.Set("n", n), s.Set("text", "caf\u00e9"), s.Save(t.Context())); err != nil {
			t.Fatal(err)
		}
		if got := in(testenv.Args{"session_key": s.Key()}); !got.Values.Equal(dict(n)) {
			t.Fatalf("session %d of Go: %s", n, got.Values)
		}
		if n%2 == 0 {
			key := s.Key()
			s.CycleKey()
			if err := s.Save(t.Context()); err != nil {
				t.Fatal(err)
			}
			if old, moved := in(testenv.Args{"session_key": key}), in(testenv.Args{"session_key": s.Key()}); len(old.Values.Pairs) > 0 || !moved.Values.Equal(dict(n)) {
				t.Fatalf("session %d of Go, moved: %s, and %s under its old key", n, moved.Values, old.Values)
			}
		}
		key := s.Key()
		if err := s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := in(testenv.Args{"session_key": key}); len(got.Values.Pairs) > 0 {
			t.Fatalf("session %d, which Go has ended: %s", n, got.Values)
		}
	}
}

// compressed: what pylibmc has compressed is read, and is written such that Django reads it.
func compressed(t *testing.T, w *testenv.Worker, cache string, ss *django.Sessions) {
	made := testenv.Ask[engineSession](t, w, "engine_session", testenv.Args{"cache": cache, "set": dict(1)})
	testenv.Tell(t, w, "compress_session", testenv.Args{"cache": cache, "session_key": made.SessionKey})
	s, err := ss.Load(t.Context(), made.SessionKey)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Set("n", 2), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	got := testenv.Ask[engineSession](t, w, "engine_session", testenv.Args{"cache": cache, "session_key": s.Key()})
	n, ok := got.Values.Get("n")
	if !ok || !n.Equal(fixtures.NewInt(2)) {
		t.Errorf("Django reads %s", got.Values)
	}
}

// notSessions: a value that is no pickle is unreadable, and stays.
func notSessions(t *testing.T, w *testenv.Worker, cache string, ss *django.Sessions) {
	for value, kind := range map[any]string{"a text": "a text", 12: "an integer"} {
		key := fmt.Sprintf("%032d", len(kind))
		testenv.Tell(t, w, "set_in_cache", testenv.Args{"cache": cache, "key": "django.contrib.sessions.cache" + key, "value": value})
		if _, err := ss.Load(t.Context(), key); !errors.Is(err, django.ErrUnreadable) || !strings.Contains(err.Error(), kind) {
			t.Errorf("%v: Load: %v", value, err)
		}
	}
}

// TestFlagsAreKept: an item has the flags that its client gave it.
func TestFlagsAreKept(t *testing.T) {
	s := servers.Memcached(t)
	for _, flags := range []uint32{0, 1, 9, 16, 1 << 31} {
		key := fmt.Sprint("flags", flags)
		if err := memcache.New(s.Addr()).Set(&memcache.Item{Key: key, Value: []byte("value"), Flags: flags}); err != nil {
			t.Fatal(err)
		}
		if got, err := open(t, s.Addr()).Get(t.Context(), key); got != (cachestore.Item{Value: "value", Flags: flags}) || err != nil {
			t.Errorf("%v, %v", got, err)
		}
	}
}
