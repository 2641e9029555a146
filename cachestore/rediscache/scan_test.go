package rediscache_test

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestScanLongestAge: an item that was added for the longest time.Duration is not one that never
// expires.
func TestScanLongestAge(t *testing.T) {
	cache, key := rediscache.New(dial(t, servers.Redis(t).URL(0))), testenv.NewKeyPrefix()+"key"
	if err := cache.Add(t.Context(), key, cachestore.Item{Value: "v"}, math.MaxInt64); err != nil {
		t.Fatal(err)
	}
	for at, err := range cache.Scan(t.Context(), key) {
		if err != nil || at.Age <= 0 {
			t.Errorf("expires in %v, %v", at.Age, err)
		}
	}
}

// TestScan: sessions are listed by the time they have left, and Check finds those that the
// settings cannot read.
func TestScan(t *testing.T) {
	server := servers.Redis(t)
	client := dial(t, server.URL(0))
	scans(t, rediscache.New(client), server.Command)
}

// scans checks listing on a cache, whose server runs commands.
func scans(t *testing.T, cache *rediscache.Cache, command func(ctx context.Context, command ...string) (string, error)) {
	prefix := `t?*[a\` + testenv.NewKeyPrefix()
	opts := []cachestore.Option{cachestore.WithKeyPrefix(prefix)}
	ss := pickles.open(t, cache, opts...)
	if err := ss.Check(t.Context()); err != nil {
		t.Errorf("Check without sessions: %v", err)
	}
	const count = 30
	var want []string
	for i := range count {
		s := ss.NewSession()
		s.SetExpiry(time.Duration(count-i) * time.Hour)
		if err := errors.Join(s.Set("n", i), s.Save(t.Context())); err != nil {
			t.Fatal(err)
		}
		want = append(want, s.Key())
	}
	other := pickles.open(t, cache, cachestore.WithKeyPrefix(prefix), cachestore.WithVersion(2))
	having(t, other, "a", 1)
	// The copy of a session of cached_db, whose name begins like that of cache.
	copied := prefix + ":1:django.contrib.sessions.cached_db" + want[0]
	if _, err := command(t.Context(), "SET", copied, "\x80\x04}."); err != nil {
		t.Fatal(err)
	}
	lister, now := ss.Store().(django.Lister), time.Now()
	list := func(f django.Filter) (keys []string) {
		t.Helper()
		f.Now = now
		for l, err := range lister.List(t.Context(), f) {
			if err != nil {
				t.Fatal(err)
			}
			if n, err := django.Value(must(ss.Load(t.Context(), l.Key)), "n", -1); err != nil || l.Size == 0 || l.Malformed != nil || l.Data.Len() == 0 ||
				l.Expires.Sub(now).Round(time.Minute) != time.Duration(count-n)*time.Hour {
				t.Errorf("session %d: %v, expires in %v, %v", n, err, l.Expires.Sub(now), l.Malformed)
			}
			keys = append(keys, l.Key)
		}
		return keys
	}
	if got := list(django.Filter{}); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%d sessions in another order, or others, want %d", len(got), count)
	}
	if got := list(django.Filter{Limit: 3}); strings.Join(got, " ") != strings.Join(want[:3], " ") {
		t.Errorf("%d sessions with a limit", len(got))
	}
	if got := list(django.Filter{Key: want[7]}); strings.Join(got, " ") != want[7] {
		t.Errorf("%d sessions with a key", len(got))
	}
	if got := list(django.Filter{Expired: true}); len(got) > 0 {
		t.Errorf("%d sessions have expired", len(got))
	}
	if n, err := lister.Count(t.Context(), django.Filter{Now: now}); n != count || err != nil {
		t.Errorf("Count: %d, %v", n, err)
	}
	if err := ss.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}

	// One that does not expire, and one that cannot be read.
	name := prefix + ":1:django.contrib.sessions.cache"
	if _, err := command(t.Context(), "PERSIST", name+want[9]); err != nil {
		t.Fatal(err)
	}
	for l, err := range lister.List(t.Context(), django.Filter{Now: now, Limit: 1}) {
		if err != nil || l.Key != want[9] || l.Malformed == nil || !l.Expires.IsZero() {
			t.Errorf("not the session that does not expire: %v, %v", l.Malformed, err)
		}
	}
	unreadable := texts.open(t, cache, cachestore.WithKeyPrefix(name[:len(name)-1]), cachestore.WithKeyFunction(func(key, prefix string, _ int) string { return prefix + "e" + key }))
	if err := unreadable.Check(t.Context()); !errors.Is(err, django.ErrCorrupt) {
		t.Errorf("Check with other settings: %v, want ErrCorrupt", err)
	}
	hashed := pickles.open(t, cache, cachestore.WithKeyFunction(func(key, _ string, _ int) string { return strconv.Quote(key) }))
	if _, err := hashed.Store().(django.Lister).Count(t.Context(), django.Filter{Now: now}); err == nil || !strings.Contains(err.Error(), "WithKeyFunction") {
		t.Errorf("Count with a key function that hides keys: %v", err)
	}
}

// TestScanNoPrefix: where session keys have no prefix, what other programs keep is not listed.
func TestScanNoPrefix(t *testing.T) {
	server := testenv.Redis(t)
	ss := texts.open(t, rediscache.New(dial(t, server.URL(0))))
	key := having(t, ss, "a", 1).Key()
	for i := range 30 { // as many as Check would look at
		if _, err := server.Command(t.Context(), "SET", "celery-task-meta-"+strconv.Itoa(i), "payload"); err != nil {
			t.Fatal(err)
		}
	}
	for l, err := range ss.Store().(django.Lister).List(t.Context(), django.Filter{Now: time.Now()}) {
		if err != nil || l.Key != key {
			t.Errorf("another key is listed, or %v", err)
		}
	}
	if err := ss.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
