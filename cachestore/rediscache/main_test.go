package rediscache_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

var servers testenv.Servers

func TestMain(m *testing.M) {
	redis.SetLogger(quiet{}) // of the connections that these tests break
	servers.Main(m)
}

// quiet is a logger of go-redis that prints nothing, and must not be given a secret.
type quiet struct{}

func (quiet) Printf(_ context.Context, format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	for _, secret := range []string{"the-old", "the-new", "payload", "p4ssw0rd", "a-wrong-password", "sessions.cache"} {
		if strings.Contains(text, secret) {
			panic("go-redis logs a key, a value or a password: " + format)
		}
	}
}

const secretKey = "the-secret-of-the-site"

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
	set.SecretKey = secretKey
	set.SessionEngine = s.engine
	ss, err := django.New(set, cachestore.New(cache, append(slices.Clone(s.opts), opts...)...), django.WithLogger(slog.New(slog.DiscardHandler)))
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
