package rediscache_test

import (
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

var servers testenv.Servers

func TestMain(m *testing.M) { servers.Main(m) }

// A site is how a Django site keeps sessions.
type site struct {
	engine string // SESSION_ENGINE
	opts   []cachestore.Option
}

var (
	pickles = site{engine: django.EngineCache}
	texts   = site{"redis_sessions.session", []cachestore.Option{cachestore.WithSignedText()}}
	sites   = map[string]site{"pickle": pickles, "signed text": texts}
)

// open returns the site's sessions in a cache.
func (s site) open(t testing.TB, cache cachestore.Cache, opts ...cachestore.Option) *django.Sessions {
	t.Helper()
	set := django.DefaultSettings()
	set.SecretKey = "the-secret-of-the-site"
	set.SessionEngine = s.engine
	ss, err := django.New(set, cachestore.New(cache, append(slices.Clone(s.opts), opts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

// dial returns a client of a server, for a test.
func dial(t testing.TB, url string, change ...func(*redis.Options)) *redis.Client {
	t.Helper()
	client, err := rediscache.NewClient(url, change...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}
