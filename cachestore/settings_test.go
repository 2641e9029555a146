package cachestore_test

import (
	"strings"
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/filecache"
	"github.com/djsession/djsession/django"
)

// TestSettingsOfTheCache: an engine follows CACHES of a settings file, and refuses what only an
// option can do.
func TestSettingsOfTheCache(t *testing.T) {
	load := func(entry string) django.Settings {
		s, err := django.ParseSettings([]byte(`{"DJSESSION_SETTINGS": 1, "SECRET_KEY": "secret", "USE_TZ": true, "SESSION_ENGINE": "django.contrib.sessions.backends.cache",
			"SESSION_CACHE_ALIAS": "shop", "CACHES": {"shop": {` + entry + `}}}`))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	dir := t.TempDir()
	open := func(s django.Settings, opts ...cachestore.Option) (*django.Sessions, error) {
		return django.New(s, cachestore.New(filecache.New(dir), opts...))
	}
	followed, err := open(load(`"KEY_PREFIX": "p", "VERSION": 3`))
	if err != nil {
		t.Fatal(err)
	}
	s := followed.NewSession()
	if err := s.Set("cart", 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	plain := load(`"VERSION": 1`)
	for name, tt := range map[string]struct {
		settings django.Settings
		opts     []cachestore.Option
		found    bool
	}{
		"options":          {plain, []cachestore.Option{cachestore.WithKeyPrefix("p"), cachestore.WithVersion(3)}, true},
		"options override": {load(`"KEY_PREFIX": "p", "VERSION": 3`), []cachestore.Option{cachestore.WithKeyPrefix("")}, false},
		"neither":          {plain, nil, false},
		"another alias": {func() django.Settings {
			s := load(`"KEY_PREFIX": "p", "VERSION": 3`)
			s.SessionCacheAlias = "x"
			return s
		}(), nil, false},
		"a key function":      {load(`"KEY_PREFIX": "p", "VERSION": 3, "KEY_FUNCTION": "shop.key"`), []cachestore.Option{cachestore.WithKeyFunction(func(key, prefix string, version int) string { return prefix + ":3:" + key })}, true},
		"a serializer, given": {load(`"KEY_PREFIX": "p", "VERSION": 3, "SERIALIZER": "json"`), []cachestore.Option{cachestore.WithEncoding(cachestore.Pickle)}, true},
	} {
		sessions, err := open(tt.settings, tt.opts...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := sessions.Load(t.Context(), s.Key()); (err == nil) != tt.found {
			t.Errorf("%s: %v", name, err)
		}
	}
	for entry, want := range map[string]string{`"KEY_FUNCTION": "shop.key"`: "WithKeyFunction", `"SERIALIZER": "json"`: "WithEncoding", `"COMPRESSOR": "zlib"`: "WithEncoding"} {
		if _, err := open(load(entry)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", entry, err)
		}
	}
}
