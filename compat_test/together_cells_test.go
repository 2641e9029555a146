package compat

import (
	"os"
	"path"
	"slices"
	"testing"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// These tests have Django use our engines, which save as Go does: neither side loses what it or the
// other has set. Package torture has the same under load and faults.

// A together is a Django with one of our engines, and Go, on the same sessions.
type together struct {
	*engineCell
	environment []string // of the command
}

// ours are the engines of Django for which we have one.
var ours = []string{django.EngineDB, django.EngineCachedDB, django.EngineCache}

// TestTogether runs the checks with our engine on every database and in caches, with every Django. Unless
// full, that is the newest Django in togetherIn.
func TestTogether(t *testing.T) {
	for _, version := range testenv.Djangos(t) {
		if !full && !isNewest(t, version) {
			continue
		}
		t.Run(version.Name, func(t *testing.T) {
			t.Parallel()
			for _, d := range databases {
				if full || slices.Contains(togetherIn, d.name) {
					t.Run(d.name, func(t *testing.T) {
						onDatabase(t, version, d.newFor(t, version)).check(t)
					})
				}
			}
			var site *engineSite
			for _, e := range sessionEngines {
				if !e.on(version) || !slices.Contains(ours, e.setting) || !full && !slices.Contains(togetherIn, e.name) || cacheURL(t, nil, e.cache) == "" {
					continue
				}
				if site == nil {
					site = newEngineSite(t, version)
				}
				t.Run(e.name, func(t *testing.T) { inCache(t, site, e).check(t) })
			}
		})
	}
}

// togetherIn are the databases and engines on which TestTogether runs unless full.
var togetherIn = []string{"PostgreSQL", "cached_db, RedisCache", "cache, RedisCache"}

func (c *together) check(t *testing.T) {
	times := func(inFull, otherwise int) int {
		if full && c.newest {
			return inFull
		}
		return otherwise
	}
	t.Run("processes", func(t *testing.T) { setAtOnce(t, c, times(100, 10)) })
	t.Run("cart", func(t *testing.T) { fillCart(t, c, times(1000, 50), false) })
	if c.django.AtLeast(5, 1) { // has async methods
		t.Run("cart in async views", func(t *testing.T) { fillCart(t, c, times(1000, 50), true) })
	}
	t.Run("moves one step at a time", func(t *testing.T) { moveByStep(t, c) })
	t.Run("moves at once", func(t *testing.T) { wander(t, c, times(300, 40)) })
	t.Run("ends at once", func(t *testing.T) { endUnderLoad(t, c, times(30, 5)) })
}

// ourEngine returns our counterpart of a SESSION_ENGINE.
func ourEngine(setting string) string { return "djsession" + path.Ext(setting) }

func onDatabase(t *testing.T, version testenv.Django, database *testenv.Database) *together {
	t.Helper()
	config := testenv.Config{Database: database, Settings: map[string]any{"SECRET_KEY": secret, "USE_TZ": true, "TIME_ZONE": "UTC"}}
	if database.Vendor == testenv.SQLiteVendor {
		config.DatabaseFields = map[string]any{"OPTIONS": map[string]any{"timeout": 60}} // one writer at a time
	}
	site := &engineSite{cell: openCell(t, version, config, nil), config: config}
	e := sessionEngine{name: "db", setting: django.EngineDB, open: func(*testing.T, *engineCell) django.Engine { return dbstore.New(site.db) }}
	return newTogether(t, site, e, "DATABASE_URL="+database.URL())
}

func inCache(t *testing.T, site *engineSite, e sessionEngine) *together {
	t.Helper()
	return newTogether(t, site, e, "DATABASE_URL="+site.database.URL(), "DJANGO_SESSION_ENGINE="+e.setting,
		"CACHE_URL="+cacheURL(t, site, e.cache), "DJANGO_CACHE_KEY_PREFIX="+site.prefix+cacheNamed(t, e.cache).prefix())
}

func newTogether(t *testing.T, site *engineSite, e sessionEngine, environment ...string) *together {
	t.Helper()
	c := newEngineCell(t, site, e)
	c.settings["SESSION_ENGINE"] = ourEngine(e.setting)
	return &together{c, append(append(os.Environ(), "DJANGO_SECRET_KEY="+secret, "DJANGO_USE_TZ=True", "DJANGO_VERSION="+c.django.Name), environment...)}
}

// cacheURL returns the CACHE_URL of a cache that needs no other settings, or "".
func cacheURL(t *testing.T, site *engineSite, name string) string {
	t.Helper()
	if site == nil {
		site = &engineSite{}
	}
	switch name {
	case "RedisCache", "django-redis":
		return redisLocation(t, site).(string)
	case "PyMemcacheCache":
		return "memcached://" + memcachedLocation(t, site).(string)
	case "PyLibMCCache":
		return "pylibmc://" + memcachedLocation(t, site).(string)
	case "DatabaseCache":
		return "dbcache://shop_cache"
	case "FileBasedCache":
		return "file://" + site.cached
	}
	return ""
}

// newKey makes a session.
func (c *together) newKey(t *testing.T) string {
	t.Helper()
	return c.create(t, simple)
}

// number returns the number that Go finds in a session, or -1.
func (c *together) number(t *testing.T, s *django.Session, name string) int {
	t.Helper()
	n, err := django.Value(s, name, -1)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
