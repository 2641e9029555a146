package memcached_test

import (
	"strings"
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/memcached"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
)

func TestConformance(t *testing.T) {
	for name, c := range map[string]struct {
		servers int
		opts    []memcached.Option
	}{
		"three servers":  {3, nil},
		"one connection": {1, []memcached.Option{memcached.WithConnections(1)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			location := strings.Join(several(t, c.servers), ";")
			storetest.Run(t, func(t *testing.T) django.Store {
				cache := memcached.New(location, c.opts...)
				sessions, err := django.New(settings(), cachestore.New(cache))
				if err != nil {
					t.Fatal(err)
				}
				return sessions.Store()
			})
		})
	}
}
