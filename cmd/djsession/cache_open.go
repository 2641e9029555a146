package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/dbcache"
	"github.com/djsession/djsession/cachestore/djangoredis"
	"github.com/djsession/djsession/cachestore/filecache"
	"github.com/djsession/djsession/cachestore/memcached"
	"github.com/djsession/djsession/cachestore/rediscache"
)

// openCache opens the cache. It does not connect to it.
func (s *site) openCache() (cachestore.Cache, error) {
	switch s.cache.kind {
	case redisServer, redisCluster, redisSentinel:
		client, err := s.cache.redisClient()
		if err != nil {
			return nil, err
		}
		s.closers = append(s.closers, client.Close)
		return rediscache.New(client), nil
	case memcachedServers:
		selection := memcached.Pymemcache
		if s.cache.client == "pylibmc" {
			selection = memcached.Pylibmc
		}
		return memcached.New(strings.Join(s.cache.servers, ","), memcached.WithSelection(selection)), nil
	case databaseCache:
		// The command does not know the site's MAX_ENTRIES.
		options := []dbcache.Option{dbcache.WithMaxEntries(math.MaxInt)}
		if zone, ok := s.in.get("database-time-zone"); ok {
			options = append(options, dbcache.WithTimeZone(zone))
		}
		return dbcache.New(s.db, s.cache.table, options...), nil
	case fileCache:
		return filecache.New(s.cache.dir, filecache.WithMaxEntries(math.MaxInt)), nil
	}
	return nil, errors.New("no cache")
}

// redisClient returns the client for the URL in c.text. Its errors do not hold the URL.
func (c *cacheSettings) redisClient() (redis.UniversalClient, error) {
	redis.SetLogger(noRedisLog{})
	switch c.kind {
	case redisCluster:
		if o, err := redis.ParseClusterURL(c.text); err == nil {
			o.ContextTimeoutEnabled, o.DialerRetries, o.MaxRetries = true, 1, redisRetries
			return redis.NewClusterClient(o), nil
		}
		return nil, errRedisURL
	case redisSentinel:
		if o, err := redis.ParseFailoverURL(c.text); err == nil {
			o.ContextTimeoutEnabled, o.DialerRetries, o.MaxRetries = true, 1, redisRetries
			return redis.NewFailoverClient(o), nil
		}
		return nil, errRedisURL
	}
	client, err := rediscache.NewClient(c.text, func(o *redis.Options) { o.DialerRetries, o.MaxRetries = 1, redisRetries })
	if err != nil {
		return nil, errRedisURL
	}
	return client, nil
}

// redisRetries is how often go-redis retries a read. Who types a command rather gets the
// error soon.
const redisRetries = 1

// errRedisURL does not repeat what cannot be read: it may be part of a password.
var errRedisURL = errors.New("cannot be read: write redis://user:password@host:6379/0, percent-encode the special characters in the password, and leave out options that go-redis does not have")

// noRedisLog discards what go-redis logs: commands report what fails.
type noRedisLog struct{}

func (noRedisLog) Printf(context.Context, string, ...any) {}

// The serializers and compressors of django-redis.
var (
	redisSerializers = map[string]djangoredis.Serializer{"": djangoredis.Pickle, "json": djangoredis.JSON, "msgpack": djangoredis.MsgPack}
	redisCompressors = map[string]djangoredis.Compressor{"zlib": djangoredis.Zlib, "gzip": djangoredis.Gzip, "lz4": djangoredis.LZ4, "zstd": djangoredis.Zstd, "lzma": djangoredis.LZMA}
)

// encodingOf returns what the cache's serializer and compressor do.
func (c *cacheSettings) encodingOf(in inputs) (cachestore.Encoding, error) {
	name, err := in.choice("cache-serializer")
	if err != nil {
		return nil, err
	}
	compressor, err := in.choice("cache-compressor")
	if err != nil {
		return nil, err
	}
	if name == "pickle" {
		name = ""
	}
	switch isRedis := c.kind <= redisSentinel; { // noCache too: decode does not know the cache
	case name != "" && !isRedis:
		return nil, fmt.Errorf("%s is for django-redis; other caches store pickles", where("cache-serializer"))
	case compressor != "" && !isRedis:
		return nil, fmt.Errorf("%s is for django-redis", where("cache-compressor"))
	case name != "" || compressor != "":
		return djangoredis.Encoding(redisSerializers[name], redisCompressors[compressor]), nil
	}
	return cachestore.Pickle, nil
}
