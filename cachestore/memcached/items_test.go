package memcached_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/memcached"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// holds checks what is stored under a key; "" is nothing.
func holds(t *testing.T, c cachestore.Cache, key, want string) {
	t.Helper()
	got, err := c.Get(t.Context(), key)
	if got.Value != want || (want == "") != errors.Is(err, django.ErrNotFound) {
		t.Errorf("the cache holds %.20q, %v, want %.20q", got.Value, err, want)
	}
}

func add(t *testing.T, c cachestore.Cache, key, text string, age time.Duration) {
	t.Helper()
	if err := c.Add(t.Context(), key, item(text), age); err != nil {
		t.Fatal(err)
	}
}

// TestTooLarge: what is too large for the server is refused, and what was stored stays, which a
// set would delete.
func TestTooLarge(t *testing.T) {
	small, large := open(t, servers.Memcached(t).Addr()), open(t, testenv.Memcached(t, testenv.WithSetting("-I", "2m")).Addr())
	big := strings.Repeat("x", 1<<20)
	for name, c := range map[string]cachestore.Cache{"1m": small, "2m": large} {
		for _, fits := range []bool{true, false} {
			value, key := big[:1<<20-200], fmt.Sprintf("%s%t%s", secretKey, fits, name)
			if !fits {
				value = big
			}
			want, stored := error(nil), value
			if !fits && name == "1m" {
				want, stored = memcached.ErrTooLarge, "old"
			}
			add(t, c, key, "old", time.Hour)
			_, err := c.Replace(t.Context(), key, item("old"), item(value), time.Hour)
			if !errors.Is(err, want) || errors.Is(err, django.ErrOutcomeUnknown) || errors.Is(err, django.ErrTooLarge) != (want != nil) {
				t.Errorf("%s, fits %t: Replace: %v, want %v", name, fits, err, want)
			}
			holds(t, c, key, stored)
			if err := c.Add(t.Context(), key+"new", item(value), time.Hour); !errors.Is(err, want) {
				t.Errorf("%s, fits %t: Add: %v, want %v", name, fits, err, want)
			}
			if want != nil {
				value = ""
			}
			holds(t, c, key+"new", value)
		}
	}
}

// TestMemoryIsFull: a server that may not evict refuses, and what was stored stays.
func TestMemoryIsFull(t *testing.T) {
	c := open(t, testenv.Memcached(t, testenv.WithSetting("-M", "")).Addr())
	add(t, c, secretKey, "old", time.Hour)
	value := item(strings.Repeat("x", 500<<10))
	var full error
	for i := 0; full == nil && i < 1000; i++ {
		full = c.Add(t.Context(), fmt.Sprint("filler", i), value, time.Hour)
	}
	_, err := c.Replace(t.Context(), secretKey, item("old"), value, time.Hour)
	for _, err := range []error{full, err} {
		if err == nil || errors.Is(err, django.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "out of memory storing object") {
			t.Errorf("%v, want an error that names memcached's answer", err)
		}
	}
	holds(t, c, secretKey, "old")
}

// TestRemoved: an item that was removed is gone at once, for good, and for everybody.
func TestRemoved(t *testing.T) {
	s := servers.Memcached(t)
	c, other := open(t, s.Addr()), memcache.New(s.Addr())
	const key = secretKey + "removed"
	add(t, c, key, "old", time.Hour)
	stale, err := other.Get(key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Remove(t.Context(), key, item("another")); !errors.Is(err, django.ErrConflict) {
		t.Errorf("Remove of another item: %v", err)
	}
	holds(t, c, key, "old")
	if _, err := c.Remove(t.Context(), key, item("old")); err != nil {
		t.Fatal(err)
	}
	stale.Value = []byte("back")
	for name, revive := range map[string]func() error{
		"cas":     func() error { return other.CompareAndSwap(stale) },
		"touch":   func() error { return other.Touch(key, 3600) },
		"replace": func() error { return other.Replace(&memcache.Item{Key: key, Value: []byte("back")}) },
		"append":  func() error { return other.Append(&memcache.Item{Key: key, Value: []byte("back")}) },
		"gat":     func() error { _, err := other.GetAndTouch(key, 3600); return err },
		"Replace": func() error {
			_, err := c.Replace(t.Context(), key, item(""), item("back"), time.Hour)
			return err
		},
		"Remove": func() error { _, err := c.Remove(t.Context(), key, item("")); return err },
	} {
		if err := revive(); err == nil {
			t.Errorf("%s finds it", name)
		}
		holds(t, c, key, "")
	}
	add(t, c, key, "new", time.Hour)
	holds(t, c, key, "new")
}

// TestFlushed: what a flush_all has removed is gone, also to who loaded it before.
func TestFlushed(t *testing.T) {
	s := testenv.Memcached(t)
	c := open(t, s.Addr())
	add(t, c, secretKey, "old", time.Hour)
	if err := memcache.New(s.Addr()).FlushAll(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Replace(t.Context(), secretKey, item("old"), item("new"), time.Hour); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("Replace: %v, want ErrNotFound", err)
	}
	if _, err := c.Remove(t.Context(), secretKey, item("old")); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("Remove: %v, want ErrNotFound", err)
	}
	holds(t, c, secretKey, "")
}

// TestAge: up to 30 days an age counts by the server's clock, beyond that by the clock of the
// sessions.
func TestAge(t *testing.T) {
	const day = 24 * time.Hour
	s := servers.Memcached(t)
	for i, c := range []struct {
		age   time.Duration
		clock time.Duration // of the sessions, from now
		gone  bool
	}{
		{time.Minute, 0, false},
		{time.Minute, -90 * day, false},
		{time.Minute, 90 * day, false},
		{30 * day, -90 * day, false},
		{30*day + 1, -90 * day, true},
		{30*day + 1, 0, false},
		{60 * day, -90 * day, true},
		{60 * day, 90 * day, false},
		{400 * day, 0, false},
		{50 * 365 * day, 0, false}, // later than gomemcache can tell
		{math.MaxInt64, 0, false},
	} {
		t.Run(fmt.Sprint(c.age, c.clock), func(t *testing.T) {
			site := django.Site{Now: func() time.Time { return time.Now().Add(c.clock) }}
			cache, err := memcached.New(s.Addr()).OpenCache(site, "key")
			if err != nil {
				t.Fatal(err)
			}
			key := fmt.Sprint("age", i)
			add(t, cache, key, "text", c.age)
			if c.gone {
				holds(t, cache, key, "")
			} else {
				holds(t, cache, key, "text")
			}
		})
	}
}

// TestNoCAS: a server that cannot compare and swap would lose changes. It is refused.
func TestNoCAS(t *testing.T) {
	c := open(t, testenv.Memcached(t, testenv.WithSetting("-C", "")).Addr())
	add(t, c, secretKey, "old", time.Hour)
	_, err := c.Replace(t.Context(), secretKey, item("old"), item("new"), time.Hour)
	if !errors.Is(err, django.ErrProgram) || !strings.Contains(err.Error(), "-C") {
		t.Errorf("Replace: %v", err)
	}
}
