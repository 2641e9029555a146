package requests

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
)

// redisKey is Django's key for a session in a cache with its default settings.
func redisKey(sessionKey string) string { return ":1:django.contrib.sessions.cache" + sessionKey }

func (s *site) redisClient() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: s.Redis, PoolSize: pool, MinIdleConns: pool, ContextTimeoutEnabled: true})
}

func (s *site) redisSessions() (*django.Sessions, error) {
	settings := s.settings()
	settings.SessionEngine = django.EngineCache
	return django.New(settings, cachestore.New(rediscache.New(s.redisClient())))
}

// serveRedisLibrary is the library with Django's cache engine and RedisCache.
func serveRedisLibrary(s *site) (http.Handler, error) {
	sessions, err := s.redisSessions()
	if err != nil {
		return nil, err
	}
	return sessions.Middleware(libraryHandler(sessions).mux()), nil
}

// redisRows are the commands GET and SET.
type redisRows struct{ client *redis.Client }

func openRedis(s *site) (rows, error) { return redisRows{s.redisClient()}, nil }

func (r redisRows) load(ctx context.Context, key string) (string, error) {
	text, err := r.client.Get(ctx, redisKey(key)).Result()
	return text, noRow(err, redis.Nil)
}

func (r redisRows) save(ctx context.Context, key, text string, _ time.Time) error {
	return r.client.Set(ctx, redisKey(key), text, sessionAge).Err()
}

// compareAndSet stores a text if the old one is still stored. Up to Redis 8.2 and Valkey 8.0,
// only a script can do that in one step.
var compareAndSet = redis.NewScript(`if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) return 1`)

// swap stores a text in place of old.
func (r redisRows) swap(ctx context.Context, key, old, text string) error {
	swapped, err := compareAndSet.Run(ctx, r.client, []string{redisKey(key)}, old, text, int(sessionAge/time.Second)).Bool()
	if err == nil && !swapped {
		err = errors.New("somebody else has changed the session")
	}
	return err
}

func (r redisRows) user(context.Context, int64) (user, error) {
	return user{}, errors.New("there are no users in Redis")
}
