package cachestore_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/dbcache"
	"github.com/djsession/djsession/cachestore/filecache"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// TestCachedDBCheckFull: a cache from which Django culls loses no session of cached_db, which is a
// row, and so is nothing to report.
func TestCachedDBCheckFull(t *testing.T) {
	site := newCachedDB(t)
	site.db.MustExec(`CREATE TABLE "cache" ("cache_key" varchar(255) NOT NULL PRIMARY KEY, "value" text NOT NULL, "expires" datetime NOT NULL)`)
	for name, cache := range map[string]cachestore.Cache{
		"DatabaseCache":  dbcache.New(site.db, "cache", dbcache.WithMaxEntries(3)),
		"FileBasedCache": filecache.New(t.TempDir(), filecache.WithMaxEntries(3)),
	} {
		t.Run(name, func(t *testing.T) {
			full, err := site.With(cachestore.NewCachedDB(dbstore.New(site.db), cache))
			if err != nil {
				t.Fatal(err)
			}
			opened, err := cache.(cachestore.Opener).OpenCache(django.Site{Settings: cachedDBSettings(django.EngineCachedDB), Codec: site.Codec(), Now: time.Now}, copyKey)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				if err := opened.Add(t.Context(), copyKey+fmt.Sprint("12345678", i), cachestore.Item{Value: "copy"}, time.Hour); err != nil {
					t.Fatal(err)
				}
			}
			if err := opened.(cachestore.Checker).Check(t.Context()); err == nil {
				t.Error("the cache is not full")
			}
			if err := full.Check(t.Context()); err != nil {
				t.Errorf("Check: %v", err)
			}
		})
	}
	site.db.MustExec("DROP TABLE cache")
	full, err := site.With(cachestore.NewCachedDB(dbstore.New(site.db), dbcache.New(site.db, "cache")))
	if err != nil {
		t.Fatal(err)
	}
	if err := full.Check(t.Context()); err == nil {
		t.Error("Check finds no missing table")
	}
}

// TestCachedDBSecondDelete: the second delete comes after the first one ended, and is of the keys
// of then, whatever the caller does with them.
func TestCachedDBSecondDelete(t *testing.T) {
	site := newCachedDB(t)
	slow := &slowly{Cache: site.cache.Cache}
	ss, err := site.With(cachestore.NewCachedDB(dbstore.New(site.db), slow, cachestore.WithSecondDelete(time.Millisecond)))
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{strings.Repeat("a", 32), strings.Repeat("b", 32)}
	if err := ss.Store().(*cachestore.CachedDB).Forget(t.Context(), keys...); err != nil {
		t.Fatal(err)
	}
	keys[0], keys[1] = "cccccccc", "cccccccc"
	want := []string{"begin a", "end a", "begin b", "end b", "begin a", "end a", "begin b", "end b"}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		got := slow.noted()
		if slices.Equal(got, want) {
			return
		}
		if len(got) >= len(want) || time.Now().After(end) {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}

// slowly is a cache whose Delete takes a while.
type slowly struct {
	cachestore.Cache
	mu    sync.Mutex
	steps []string
}

func (s *slowly) note(step string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps = append(s.steps, step)
}

func (s *slowly) noted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.steps)
}

func (s *slowly) Delete(_ context.Context, key string) error {
	s.note("begin " + key[len(key)-1:])
	time.Sleep(5 * time.Millisecond)
	s.note("end " + key[len(key)-1:])
	return nil
}
