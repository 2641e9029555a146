package djangoredis_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/djangoredis"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// full has every Django run everything.
var full = os.Getenv("DJSESSION_MATRIX") == "full"

// combination is a SERIALIZER and a COMPRESSOR, by the names of the tests.
type combination struct{ serializer, compressor string }

func (c combination) encoding() cachestore.Encoding {
	return djangoredis.Encoding(serializers[c.serializer], compressors[c.compressor])
}

// options are the OPTIONS of Django's cache.
func (c combination) options() map[string]any {
	class := map[string]string{"pickle": "PickleSerializer", "json": "JSONSerializer", "msgpack": "MSGPackSerializer", "identity": "IdentityCompressor",
		"zlib": "ZlibCompressor", "gzip": "GzipCompressor", "lz4": "Lz4Compressor", "zstd": "ZStdCompressor", "lzma": "LzmaCompressor"}
	return map[string]any{
		"SERIALIZER": "django_redis.serializers." + c.serializer + "." + class[c.serializer],
		"COMPRESSOR": "django_redis.compressors." + c.compressor + "." + class[c.compressor],
	}
}

// magics are what compressed values begin with.
var magics = map[string]string{"zlib": "\x78", "gzip": "\x1f\x8b", "lz4": "\x04\x22\x4d\x18", "zstd": "\x28\xb5\x2f\xfd", "lzma": "\xfd7zXZ"}

// combinations are what a Django has the packages for.
func combinations(d testenv.Django) []combination {
	if !d.AtLeast(4, 2) {
		return []combination{{"pickle", "identity"}, {"json", "zlib"}, {"pickle", "lzma"}}
	}
	return []combination{{"pickle", "identity"}, {"json", "identity"}, {"msgpack", "identity"}, {"pickle", "zlib"}, {"pickle", "zstd"},
		{"json", "zstd"}, {"msgpack", "lz4"}, {"json", "lzma"}, {"pickle", "lz4"}, {"msgpack", "gzip"}}
}

// TestLive: sessions go from Django to Go and back, through django-redis and this package.
func TestLive(t *testing.T) {
	redis := servers.Redis(t)
	newest := testenv.NewestDjango(t).Name
	for _, d := range testenv.Djangos(t) {
		if !full && d.Name != "2.2" && d.Name != newest {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			prefix := testenv.NewKeyPrefix()
			caches := map[string]any{"default": map[string]any{"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
			var all []combination
			for _, c := range combinations(d) {
				if c.compressor == "gzip" && !d.AtLeast(5, 2) {
					continue // not in django-redis yet
				}
				all = append(all, c)
				caches[c.serializer+c.compressor] = map[string]any{"BACKEND": "django_redis.cache.RedisCache", "LOCATION": redis.URL(0),
					"KEY_PREFIX": prefix, "OPTIONS": c.options()}
			}
			w := d.Start(t, testenv.Config{Settings: map[string]any{"CACHES": caches, "SESSION_ENGINE": django.EngineCache}})
			for _, c := range all {
				t.Run(c.serializer+" "+c.compressor, func(t *testing.T) { live(t, redis, w, prefix, c) })
			}
		})
	}
}

type engineSession struct {
	SessionKey string         `json:"session_key"`
	Values     fixtures.Value `json:"values"`
}

func live(t *testing.T, redis *testenv.Server, w *testenv.Worker, prefix string, c combination) {
	ss := open(t, c.encoding(), nil, cachestore.WithKeyPrefix(prefix))
	in := func(args testenv.Args) engineSession {
		t.Helper()
		args["cache"] = c.serializer + c.compressor
		return testenv.Ask[engineSession](t, w, "engine_session", args)
	}
	compressed := func(who, key string) {
		t.Helper()
		value, err := redis.Command(t.Context(), "GET", prefix+":1:django.contrib.sessions.cache"+key)
		if err != nil || !strings.HasPrefix(value, magics[c.compressor]) {
			t.Errorf("%s does not write as the compressor does (%v)", who, err)
		}
	}
	want := fixtures.NewDict(fixtures.Pair{Key: "z", Value: fixtures.NewInt(-7)}, fixtures.Pair{Key: "a", Value: fixtures.NewStr("caf\u00e9 \U0001f600")},
		fixtures.Pair{Key: "nested", Value: fixtures.NewDict(fixtures.Pair{Key: "y", Value: fixtures.Value{Kind: fixtures.Float, Text: "1.5"}},
			fixtures.Pair{Key: "b", Value: fixtures.Value{Kind: fixtures.List, Items: []fixtures.Value{{Kind: fixtures.None}, {Kind: fixtures.Bool, Text: "true"}, fixtures.NewInt(1 << 40)}}})},
		fixtures.Pair{Key: "long", Value: fixtures.NewStr(strings.Repeat("shoes ", 100))})

	// Django makes it, Go changes and moves it, Django goes on.
	made := in(testenv.Args{"set": want})
	compressed("Django", made.SessionKey)
	s, err := ss.Load(t.Context(), made.SessionKey)
	if err != nil {
		t.Fatal(err)
	}
	s.CycleKey()
	if err := errors.Join(s.Set("go", 8), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	if c.compressor != "lzma" {
		compressed("Go", s.Key())
	}
	want = want.With("go", fixtures.NewInt(8))
	got := in(testenv.Args{"session_key": s.Key(), "cycle": true, "set": fixtures.NewDict(fixtures.Pair{Key: "py", Value: fixtures.NewInt(9)})})
	if !got.Values.Equal(want) {
		t.Errorf("Django reads %s, want %s", got.Values, want)
	}
	if old := in(testenv.Args{"session_key": made.SessionKey}); len(old.Values.Pairs) > 0 {
		t.Error("Django finds the session under the key that it had before Go moved it")
	}
	s, err = ss.Load(t.Context(), got.SessionKey)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := django.Value(s, "py", 0); n != 9 || err != nil {
		t.Errorf("Go reads %d, %v", n, err)
	}

	// Go makes it, Django ends it.
	s = ss.NewSession()
	if err := errors.Join(s.Set("n", 1), s.Set("f", 2.0), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	want = fixtures.NewDict(fixtures.Pair{Key: "n", Value: fixtures.NewInt(1)}, fixtures.Pair{Key: "f", Value: fixtures.Value{Kind: fixtures.Float, Text: "2.0"}})
	if got := in(testenv.Args{"session_key": s.Key(), "flush": true}); !got.Values.Equal(want) {
		t.Errorf("Django reads %s, want %s", got.Values, want)
	}
	if _, err := ss.Load(t.Context(), s.Key()); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("after a flush: %v", err)
	}
}
