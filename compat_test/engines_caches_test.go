package compat

import (
	"fmt"
	"strings"
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/dbcache"
	"github.com/djsession/djsession/cachestore/djangoredis"
	"github.com/djsession/djsession/cachestore/filecache"
	"github.com/djsession/djsession/cachestore/memcached"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/filestore"
	"github.com/djsession/djsession/internal/testenv"
)

// djangoCache is an entry of CACHES, and Go's counterpart.
type djangoCache struct {
	name        string
	since, last since
	backend     string
	serializer  string                            // of django-redis, as module.Class
	compressor  string                            // the same
	encoding    cachestore.Encoding               // nil is the default
	changed     bool                              // another VERSION and KEY_FUNCTION
	kind        string                            // of the random sessions; pickle if empty
	location    func(*testing.T, *engineSite) any // LOCATION
	open        func(*testing.T, *engineSite) cachestore.Cache
}

func (c djangoCache) on(d testenv.Django) bool { return within(d, c.since, c.last) }

func within(d testenv.Django, first, last since) bool {
	return first.before(d) && (last == since{} || !d.AtLeast(last[0], last[1]+1))
}

const (
	redisBackend       = "django.core.cache.backends.redis.RedisCache"
	djangoRedisBackend = "django_redis.cache.RedisCache"
)

var djangoCaches = []djangoCache{
	{name: "RedisCache", since: since{4, 0}, backend: redisBackend, location: redisLocation, open: openRedis},
	{name: "RedisCache, KEY_FUNCTION", since: since{4, 0}, backend: redisBackend, location: redisLocation, open: openRedis, changed: true},
	{name: "django-redis", backend: djangoRedisBackend, location: redisLocation, open: openRedis},
	{name: "django-redis, zlib", backend: djangoRedisBackend, location: redisLocation, open: openRedis,
		serializer: "pickle.PickleSerializer", compressor: "zlib.ZlibCompressor", encoding: djangoredis.Encoding(djangoredis.Pickle, djangoredis.Zlib)},
	{name: "django-redis, JSON, lzma", backend: djangoRedisBackend, location: redisLocation, open: openRedis, kind: "json",
		serializer: "json.JSONSerializer", compressor: "lzma.LzmaCompressor", encoding: djangoredis.Encoding(djangoredis.JSON, djangoredis.LZMA)},
	{name: "django-redis, msgpack, lz4", since: since{4, 2}, backend: djangoRedisBackend, location: redisLocation, open: openRedis, kind: "msgpack",
		serializer: "msgpack.MSGPackSerializer", compressor: "lz4.Lz4Compressor", encoding: djangoredis.Encoding(djangoredis.MsgPack, djangoredis.LZ4)},
	{name: "django-redis, zstd", since: since{4, 2}, backend: djangoRedisBackend, location: redisLocation, open: openRedis,
		serializer: "pickle.PickleSerializer", compressor: "zstd.ZStdCompressor", encoding: djangoredis.Encoding(djangoredis.Pickle, djangoredis.Zstd)},
	{name: "django-redis, JSON, gzip", since: since{5, 2}, backend: djangoRedisBackend, location: redisLocation, open: openRedis, kind: "json",
		serializer: "json.JSONSerializer", compressor: "gzip.GzipCompressor", encoding: djangoredis.Encoding(djangoredis.JSON, djangoredis.Gzip)},
	{name: "PyMemcacheCache", since: since{3, 2}, backend: "django.core.cache.backends.memcached.PyMemcacheCache", location: memcachedLocation,
		open: func(t *testing.T, site *engineSite) cachestore.Cache { return openMemcached(t, memcached.Pymemcache) }},
	{name: "PyLibMCCache", last: since{4, 2}, backend: "django.core.cache.backends.memcached.PyLibMCCache", location: memcachedLocation,
		open: func(t *testing.T, site *engineSite) cachestore.Cache { return openMemcached(t, memcached.Pylibmc) }},
	{name: "DatabaseCache", backend: "django.core.cache.backends.db.DatabaseCache",
		location: func(*testing.T, *engineSite) any { return "shop_cache" },
		open:     func(_ *testing.T, site *engineSite) cachestore.Cache { return dbcache.New(site.db, "shop_cache") }},
	{name: "FileBasedCache", backend: "django.core.cache.backends.filebased.FileBasedCache",
		location: func(_ *testing.T, site *engineSite) any { return site.cached },
		open:     func(_ *testing.T, site *engineSite) cachestore.Cache { return filecache.New(site.cached) }},
}

// entry returns the entry of CACHES.
func (c djangoCache) entry(t *testing.T, site *engineSite) map[string]any {
	options := map[string]any{}
	if c.serializer != "" {
		options["SERIALIZER"] = "django_redis.serializers." + c.serializer
		options["COMPRESSOR"] = "django_redis.compressors." + c.compressor
	}
	if strings.HasPrefix(c.backend, "django.core.cache.backends.db") || strings.HasPrefix(c.backend, "django.core.cache.backends.file") {
		options["MAX_ENTRIES"] = 1_000_000
	}
	entry := map[string]any{"BACKEND": c.backend, "LOCATION": c.location(t, site), "KEY_PREFIX": site.prefix + c.prefix(), "OPTIONS": options}
	if c.changed {
		entry["VERSION"], entry["KEY_FUNCTION"] = 3, "enginesessions.key_function"
	}
	return entry
}

// prefix keeps the caches apart that share a server.
func (c djangoCache) prefix() string { return fmt.Sprintf("%x", c.name) }

// options are Go's options for the cache.
func (c djangoCache) options(site *engineSite) []cachestore.Option {
	options := []cachestore.Option{cachestore.WithKeyPrefix(site.prefix + c.prefix())}
	if c.encoding != nil {
		options = append(options, cachestore.WithEncoding(c.encoding))
	}
	if c.changed {
		options = append(options, cachestore.WithVersion(3), cachestore.WithKeyFunction(func(key, prefix string, version int) string {
			return fmt.Sprintf("%s/v%d/%s", prefix, version, key)
		}))
	}
	return options
}

// cachedDB returns the engine cached_db with the cache.
func (c djangoCache) cachedDB(t *testing.T, cell *engineCell, rows django.Engine, opts ...cachestore.CachedDBOption) django.Engine {
	for _, o := range c.options(cell.engineSite) {
		opts = append(opts, o)
	}
	return cachestore.NewCachedDB(rows, c.open(t, cell.engineSite), opts...)
}

func redisLocation(t *testing.T, _ *engineSite) any { return servers.Redis(t).URL(0) }

func openRedis(t *testing.T, site *engineSite) cachestore.Cache {
	client, err := rediscache.NewClient(redisLocation(t, site).(string))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return rediscache.New(client)
}

// qsessionsOn is the Django that has django-qsessions.
const qsessionsOn = "5.2"

// redisSessions is the setting of django-redis-sessions.
func redisSessions(t *testing.T, site *engineSite) map[string]any {
	return map[string]any{"url": servers.Redis(t).URL(0), "prefix": site.prefix, "socket_timeout": 10}
}

func memcachedLocation(t *testing.T, _ *engineSite) any { return servers.Memcached(t).Addr() }

func openMemcached(t *testing.T, s memcached.Selection) cachestore.Cache {
	return memcached.New(servers.Memcached(t).Addr(), memcached.WithSelection(s))
}

// sessionEngine is a SESSION_ENGINE, and Go's counterpart.
type sessionEngine struct {
	name        string
	since, last since
	column      string // of the README's table
	setting     string
	cache       string // alias
	pickled     bool   // by SESSION_SERIALIZER
	adds        bool   // Django adds keys of its own when it saves
	kind        string // of the random sessions
	open        func(*testing.T, *engineCell) django.Engine
}

func (e sessionEngine) on(d testenv.Django) bool { return within(d, e.since, e.last) }

var sessionEngines = append(cacheEngines(),
	sessionEngine{name: "file", column: "file", setting: django.EngineFile, kind: "json",
		open: func(*testing.T, *engineCell) django.Engine { return filestore.New("") }},
	sessionEngine{name: "signed_cookies", column: "signed_cookies", setting: django.EngineSignedCookies, kind: "small",
		open: func(*testing.T, *engineCell) django.Engine { return cookiestore.New() }},
	sessionEngine{name: "db, pickled", column: "db, PickleSerializer", last: since{4, 2}, setting: django.EngineDB, pickled: true, kind: "pickle",
		open: func(_ *testing.T, c *engineCell) django.Engine { return dbstore.New(c.db) }},
	sessionEngine{name: "django-redis-sessions", column: "django-redis-sessions", since: since{5, 2}, last: since{5, 2}, setting: "redis_sessions.session", kind: "json",
		open: func(t *testing.T, c *engineCell) django.Engine {
			return cachestore.New(openRedis(t, c.engineSite), cachestore.WithSignedText(), cachestore.WithKeyPrefix(c.prefix))
		}},
)

// cacheEngines are the engine cache on every cache, and cached_db on those that sites use for it.
func cacheEngines() []sessionEngine {
	var all []sessionEngine
	for _, one := range djangoCaches {
		first, _, _ := strings.Cut(one.name, ",")
		kind := one.kind
		if kind == "" {
			kind = "pickle"
		}
		all = append(all, sessionEngine{name: "cache, " + one.name, column: "cache, " + first, since: one.since, last: one.last, setting: django.EngineCache, cache: one.name, kind: kind,
			open: func(t *testing.T, c *engineCell) django.Engine {
				return cachestore.New(one.open(t, c.engineSite), one.options(c.engineSite)...)
			}})
		cached := func(name string, opts ...cachestore.CachedDBOption) {
			all = append(all, sessionEngine{name: name, column: "cached_db", since: one.since, last: one.last, setting: django.EngineCachedDB, cache: one.name, kind: "json",
				open: func(t *testing.T, c *engineCell) django.Engine { return one.cachedDB(t, c, dbstore.New(c.db), opts...) }})
		}
		switch one.name {
		case "RedisCache", "django-redis, zlib", "PyMemcacheCache", "PyLibMCCache", "DatabaseCache":
			cached("cached_db, " + one.name)
		}
		if one.name == "RedisCache" {
			all = append(all, sessionEngine{name: "cached_db, django-qsessions", column: "cached_db", since: since{5, 2}, last: since{5, 2},
				setting: "qsessions.backends.cached_db", cache: one.name, adds: true, kind: "json",
				open: func(t *testing.T, c *engineCell) django.Engine {
					return one.cachedDB(t, c, dbstore.New(c.db, dbstore.WithQSessions()))
				}})
		}
		if one.name == "django-redis" {
			cached("cached_db, read through", cachestore.WithReadThrough())
		}
	}
	return all
}
