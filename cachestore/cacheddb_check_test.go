package cachestore_test

import (
	"fmt"
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
			opened, err := cache.(cachestore.Opener).OpenCache(django.Site{Settings: cachedDBSettings(django.EngineCachedDB), Now: time.Now}, copyKey)
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
