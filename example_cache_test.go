package djsession_test

import (
	"context"
	"log"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/djangoredis"
	"github.com/djsession/djsession/cachestore/memcached"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// Example_redis shares the sessions of a site with
//
//	SESSION_ENGINE = "django.contrib.sessions.backends.cache"
//	CACHES = {"default": {
//	    "BACKEND": "django.core.cache.backends.redis.RedisCache",
//	    "LOCATION": "redis://localhost:6379/1",
//	    "KEY_PREFIX": "shop",
//	}}
func Example_redis() {
	client, err := rediscache.NewClient("redis://localhost:6379/1") // LOCATION
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.SessionEngine = django.EngineCache
	sessions, err := django.New(settings, cachestore.New(rediscache.New(client), cachestore.WithKeyPrefix("shop")))
	if err != nil {
		log.Fatal(err)
	}
	if err := sessions.Check(context.Background()); err != nil { // at start: does Redis answer?
		log.Fatal(err)
	}
}

// Example_djangoRedis shares the sessions of a site whose cache is that of the package
// django-redis, with
//
//	"OPTIONS": {
//	    "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
//	    "COMPRESSOR": "django_redis.compressors.zstd.ZStdCompressor",
//	}
func Example_djangoRedis() {
	client, err := rediscache.NewClient("redis://localhost:6379/1")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.SessionEngine = django.EngineCache
	encoding := djangoredis.Encoding(djangoredis.JSON, djangoredis.Zstd)
	_, err = django.New(settings, cachestore.New(rediscache.New(client), cachestore.WithEncoding(encoding)))
	if err != nil {
		log.Fatal(err)
	}
}

// Example_memcached shares the sessions of a site with
//
//	SESSION_ENGINE = "django.contrib.sessions.backends.cache"
//	CACHES = {"default": {
//	    "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
//	    "LOCATION": ["10.0.0.1:11211", "10.0.0.2:11211"],
//	}}
func Example_memcached() {
	cache := memcached.New("10.0.0.1:11211,10.0.0.2:11211") // LOCATION

	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.SessionEngine = django.EngineCache
	if _, err := django.New(settings, cachestore.New(cache)); err != nil {
		log.Fatal(err)
	}
}

// Example_cachedDB shares the sessions of a site with
//
//	SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
//
// Go reads and writes the row, and then deletes Django's copy in the cache, so that Django
// reads the row at its next request.
func Example_cachedDB() {
	db, err := sqlx.Open("sqlite", "file:db.sqlite3?mode=rw") // the site's database
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	client, err := rediscache.NewClient("redis://localhost:6379/1") // LOCATION
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()

	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.SessionEngine = django.EngineCachedDB
	settings.UseTZ = new(true)
	if _, err := django.New(settings, cachestore.NewCachedDB(dbstore.New(db), rediscache.New(client))); err != nil {
		log.Fatal(err)
	}
}
