package rediscache_test

import (
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
	"github.com/djsession/djsession/internal/testenv"
)

func TestConformance(t *testing.T) {
	url := servers.Redis(t).URL(0)
	for name, site := range sites {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conform(t, func(t *testing.T) cachestore.Cache { return rediscache.New(dial(t, url)) }, site)
		})
	}
}

// conform runs the conformance suite on a cache, with keys of its own.
func conform(t *testing.T, cache func(t *testing.T) cachestore.Cache, site site) {
	storetest.Run(t, func(t *testing.T) django.Store {
		return site.open(t, cache(t), cachestore.WithKeyPrefix(testenv.NewKeyPrefix())).Store()
	})
}
