package compat

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// engineStale: on a cached_db site, Django has a copy in its cache, and sees Go's change of the
// row at its next request all the same.
func engineStale(t *testing.T, c *engineCell) {
	key := c.create(t, simple)
	seen := 0
	for i := range c.random() {
		c.judge(t, key)
		s := c.load(t, key)
		set(t, s, "n", i)
		save(t, s)
		want := fixtures.NewInt(int64(i))
		if got, _ := c.judge(t, key).Values.Get("n"); got.Equal(want) {
			seen++
		}
	}
	if seen != c.random() {
		t.Errorf("Django sees %d of %d changes", seen, c.random())
	}
}

// slowLoad is what engine_load_until says.
type slowLoad struct {
	Loads   int     `json:"loads"`
	Stored  int     `json:"stored"`
	Longest float64 `json:"longest"` // seconds from the query to the copy's storage
	Average float64 `json:"average"`
}

// TestCachedDBSlowLoad: a load of Django's that is between its query and the storage of the copy
// while Go writes the row and deletes the copy, puts the old one back. It lasts until the session
// is saved again, by either side, or until it expires.
func TestCachedDBSlowLoad(t *testing.T) {
	version := testenv.NewestDjango(t)
	site := newEngineSite(t, version)
	c := newEngineCell(t, site, engineNamed(t, "cached_db, RedisCache"))
	slow := version.Start(t, site.config)

	// overtaken has Go save a session while Django is between its query and its cache.
	overtaken := func(t *testing.T, c *engineCell) (string, *django.Session) {
		key := c.create(t, simple)
		askEngine[any](t, c, "engine_forget", testenv.Args{"session_key": key})
		until := filepath.Join(t.TempDir(), "until")
		loaded := make(chan error, 1)
		go func() {
			loaded <- slow.Call("engine_slow_load", testenv.Args{"settings": c.settings, "session_key": key, "until": until}, nil)
		}()
		waitForFile(t, until+".ready")
		s := c.load(t, key)
		set(t, s, "n", 1)
		save(t, s)
		if err := os.WriteFile(until, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := <-loaded; err != nil {
			t.Fatal(err)
		}
		return key, s
	}
	t.Run("on purpose", func(t *testing.T) {
		key, s := overtaken(t, c)
		if _, ok := c.judge(t, key).Values.Get("n"); ok {
			t.Error("Django sees the change: what the documentation says of slow loads is outdated")
		}
		if got := goItems(t, c.load(t, key)); !got.Equal(simple.With("n", fixtures.NewInt(1))) {
			t.Errorf("Go loads %s", got)
		}
		set(t, s, "n", 2)
		save(t, s)
		c.holds(t, key, simple.With("n", fixtures.NewInt(2)))
	})

	t.Run("second delete", func(t *testing.T) {
		for attempt := range 6 {
			after := time.Second << attempt
			e := c.engine
			e.open = func(t *testing.T, c *engineCell) django.Engine {
				return cacheNamed(t, e.cache).cachedDB(t, c, dbstore.New(c.db), cachestore.WithSecondDelete(after))
			}
			again := newEngineCell(t, site, e)
			begin := time.Now()
			key, _ := overtaken(t, again)
			if time.Since(begin) >= after {
				continue // Django may have been slower than the second delete
			}
			if _, ok := again.judge(t, key).Values.Get("n"); ok && time.Since(begin) < after {
				t.Error("Django sees the change before the second delete")
			}
			for time.Since(begin) < after+time.Minute {
				if _, ok := again.judge(t, key).Values.Get("n"); ok {
					return
				}
				time.Sleep(20 * time.Millisecond)
			}
			t.Fatalf("attempt %d: Django does not see the change after the second delete", attempt)
		}
		t.Error("this machine is too slow")
	})

	t.Run("under load", func(t *testing.T) {
		keys := make([]string, 20)
		sessions := make([]*django.Session, len(keys))
		for i := range keys {
			keys[i] = c.create(t, simple)
			sessions[i] = c.load(t, keys[i])
		}
		rounds, stale, seen := times(300, 10), 0, slowLoad{}
		for round := range rounds {
			until := filepath.Join(t.TempDir(), "until")
			var load slowLoad
			loaded := make(chan error, 1)
			go func() {
				loaded <- slow.Call("engine_load_until", testenv.Args{"settings": c.settings, "session_keys": keys, "until": until}, &load)
			}()
			for _, s := range sessions {
				for n := range 3 { // so that Django's load of one meets the next
					set(t, s, "n", 3*round+n)
					save(t, s)
				}
			}
			if err := os.WriteFile(until, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := <-loaded; err != nil {
				t.Fatal(err)
			}
			for _, loaded := range askEngine[[]testenv.Loaded](t, c, "engine_load_many", testenv.Args{"session_keys": keys}) {
				if got, _ := loaded.Values.Get("n"); !got.Equal(fixtures.NewInt(int64(3*round + 2))) {
					stale++
				}
			}
			seen.Loads, seen.Stored = seen.Loads+load.Loads, seen.Stored+load.Stored
			seen.Longest, seen.Average = max(seen.Longest, load.Longest), seen.Average+load.Average*float64(load.Stored)
		}
		t.Logf("while Go saved %d times and Django loaded %d times, %d of them from the row, %d of %d sessions were left with an old copy; "+
			"Django took %.2f ms from the query to the copy's storage, and %.1f ms at most",
			3*rounds*len(keys), seen.Loads, seen.Stored, stale, rounds*len(keys), 1000*seen.Average/float64(max(seen.Stored, 1)), 1000*seen.Longest)
	})
}

func waitForFile(t *testing.T, path string) {
	t.Helper()
	for {
		if _, err := os.Stat(path); err == nil {
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatal("no file")
		case <-time.After(time.Millisecond):
		}
	}
}

func cacheNamed(t *testing.T, name string) djangoCache {
	t.Helper()
	for _, c := range djangoCaches {
		if c.name == name {
			return c
		}
	}
	t.Fatalf("no cache %q", name)
	return djangoCache{}
}

func engineNamed(t *testing.T, name string) sessionEngine {
	t.Helper()
	for _, e := range sessionEngines {
		if e.name == name {
			return e
		}
	}
	t.Fatalf("no engine %q", name)
	return sessionEngine{}
}
