package django_test

import (
	"strings"
	"testing"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// An engine that does not serve the site's SESSION_ENGINE is refused before it is opened.
func TestEngineServesTheSite(t *testing.T) {
	for _, tt := range []struct {
		engine  django.Engine
		setting string
		served  bool
	}{
		{dbstore.New(newSite(t, nil).db), django.EngineDB, true},
		{dbstore.New(newSite(t, nil).db), "shop.sessions", true},
		{dbstore.New(newSite(t, nil).db), django.EngineCache, false},
		{dbstore.New(newSite(t, nil).db), django.EngineCachedDB, false},
		{dbstore.New(newSite(t, nil).db), django.EngineFile, false},
		{dbstore.New(newSite(t, nil).db), django.EngineSignedCookies, false},
		{dbstore.New(newSite(t, nil).db), "qsessions.backends.cached_db", false},
		{memstore.New(), django.EngineCache, true},
		{django.EngineFunc(memstore.New().Open), django.EngineSignedCookies, true},
	} {
		settings := testSettings()
		settings.SessionEngine = tt.setting
		ss, err := django.New(settings, tt.engine)
		if tt.served {
			must(t, err)
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "setting SESSION_ENGINE") || ss != nil {
			t.Errorf("%T for %s: %v, want an error that names SESSION_ENGINE", tt.engine, tt.setting, err)
		}
		if strings.HasSuffix(tt.setting, ".cached_db") && !strings.Contains(err.Error(), "cachestore.NewCachedDB") {
			t.Errorf("%v, want an error that names cachestore.NewCachedDB", err)
		}
		settings.SessionEngine = django.EngineDB
		ss, err = django.New(settings, memstore.New())
		must(t, err)
		if _, err := ss.With(notServed{tt.engine}); err == nil {
			t.Error("With opened an engine that does not serve the site")
		}
	}
}

type notServed struct{ django.Engine }

func (notServed) Serves(string) bool { return false }
