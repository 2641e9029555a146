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

// togetherOn runs a test with our engine on every database and on caches. Unless full, that is
// the newest Django on the places that are named.
func togetherOn(t *testing.T, check func(*testing.T, *together), unlessFull ...string) {
	for _, version := range testenv.Djangos(t) {
		if !full && !isNewest(t, version) {
			continue
		}
		t.Run(version.Name, func(t *testing.T) {
			t.Parallel()
			for _, d := range databases {
				if full || slices.Contains(unlessFull, d.name) {
					t.Run(d.name, func(t *testing.T) {
						database := d.new(t)
						if d.beside != "" {
							if reason := needs(t, version, database); reason != "" {
								t.Skip(reason)
							}
						}
						check(t, onDatabase(t, version, database))
					})
				}
			}
			var site *engineSite
			for _, e := range sessionEngines {
				if !e.on(version) || !slices.Contains(ours, e.setting) || cacheURL(t, nil, e.cache) == "" || !full && !slices.Contains(unlessFull, e.name) {
					continue
				}
				if site == nil {
					site = newEngineSite(t, version)
				}
				t.Run(e.name, func(t *testing.T) { check(t, inCache(t, site, e)) })
			}
		})
	}
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
	return &together{c, append(append(os.Environ(), "DJANGO_SECRET_KEY="+secret, "DJANGO_USE_TZ=True"), environment...)}
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
