package memcached_test

import (
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/memcached"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

var servers testenv.Servers

func TestMain(m *testing.M) { servers.Main(m) }

// several starts servers for one test, and returns their addresses.
func several(t *testing.T, n int) []string {
	t.Helper()
	addresses := make([]string, n)
	for i := range addresses {
		addresses[i] = testenv.Memcached(t).Addr()
	}
	return addresses
}

func settings() django.Settings {
	set := django.DefaultSettings()
	set.SecretKey = "the secret of these tests"
	set.SessionEngine = django.EngineCache
	return set
}

// open returns a cache as an engine opens it.
func open(t testing.TB, location string, opts ...memcached.Option) cachestore.Cache {
	t.Helper()
	c, err := memcached.New(location, opts...).OpenCache(django.Site{Now: time.Now}, ":1:name")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// item returns an item with this text.
func item(text string) cachestore.Item { return cachestore.Item{Value: text, Flags: 1} }

// quiet fails the test if an error quotes what must not be seen.
func quiet(t testing.TB, err error, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the error quotes %q: %v", secret, err)
		}
	}
}
