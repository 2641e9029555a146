package storetest_test

import (
	"testing"

	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
)

// open returns the store that f opens for a site.
func open(t *testing.T, f func(*testing.T, django.Site) django.Store) django.Store {
	t.Helper()
	settings := django.DefaultSettings()
	settings.SecretKey = "the-secret-of-the-site"
	ss, err := django.New(settings, django.EngineFunc(func(site django.Site) (django.Store, error) { return f(t, site), nil }))
	if err != nil {
		t.Fatal(err)
	}
	return ss.Store()
}

// Stores that work in each of the other ways than a database keep the contract.
func TestOtherStores(t *testing.T) {
	for name, f := range map[string]func(*testing.T, django.Site) django.Store{
		"cache": func(_ *testing.T, site django.Site) django.Store {
			return &cache{codec: site.Codec, items: map[string]item{}}
		},
		"signed": func(t *testing.T, site django.Site) django.Store {
			store, err := cookiestore.New().Open(site)
			if err != nil {
				t.Fatal(err)
			}
			return store
		},
		"locked": func(t *testing.T, site django.Site) django.Store { return &locked{codec: site.Codec, dir: t.TempDir()} },
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) django.Store { return open(t, f) })
		})
	}
}
