package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// djangoScript stores a session with Django, or prints whether it is what it was with one key
// set.
const djangoScript = `
import datetime, decimal, json, sys
import django
from django.conf import settings
settings.configure(SECRET_KEY=sys.argv[1], USE_TZ=True, **json.loads(sys.argv[2]))
django.setup()
from importlib import import_module
store = import_module(settings.SESSION_ENGINE).SessionStore
want = {"a": 1, "text": "\u00e9\U0001f600", "n": [1.0, None, True, 2**70]}
if json.loads(sys.argv[3]):
    want.update(t=(1, ("x",)), when=datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc), price=decimal.Decimal("1.50"), s={3}, k={7: b"x"})
if len(sys.argv) == 4:
    s = store()
    s.update(want)
    s.save()
    print(s.session_key)
else:
    print(dict(store(sys.argv[4]).items()) == dict(want, set={"by": "Go"}))
`

// TestDjangoSharesEngines: with the settings that a site has, the command finds what its Django
// stored and changes one value, and Django finds all of it. By default two caches stand for all.
func TestDjangoSharesEngines(t *testing.T) {
	python := testenv.NewestDjango(t).Executable(t)
	redis, memcached := servers.Redis(t).URL(0), servers.Memcached(t).Addr()
	prefix := testenv.NewKeyPrefix()
	dir := t.TempDir()
	cache := func(backend, location string, options map[string]any) map[string]any {
		return map[string]any{
			"SESSION_ENGINE": "django.contrib.sessions.backends.cache",
			"CACHES":         map[string]any{"default": map[string]any{"BACKEND": backend, "LOCATION": location, "KEY_PREFIX": prefix, "VERSION": 7, "OPTIONS": options}},
		}
	}
	for name, test := range map[string]struct {
		settings map[string]any
		python   bool // values that JSON has no form for
		args     []string
	}{
		"RedisCache": {cache("django.core.cache.backends.redis.RedisCache", redis, map[string]any{}), true, []string{"--engine", "cache", "--cache-url", redis}},
		"django-redis": {
			cache("django_redis.cache.RedisCache", redis, map[string]any{"SERIALIZER": "django_redis.serializers.json.JSONSerializer", "COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor"}),
			false, []string{"--engine", "cache", "--cache-url", redis, "--cache-serializer", "json", "--cache-compressor", "zlib"},
		},
		"memcached": {cache("django.core.cache.backends.memcached.PyMemcacheCache", memcached, map[string]any{}), true, []string{"--engine", "cache", "--cache-url", "memcached://" + memcached}},
		"files":     {cache("django.core.cache.backends.filebased.FileBasedCache", dir+"/cache", map[string]any{}), true, []string{"--engine", "cache", "--cache-url", "file://" + dir + "/cache"}},
		"file": {
			map[string]any{"SESSION_ENGINE": "django.contrib.sessions.backends.file", "SESSION_FILE_PATH": dir, "SESSION_COOKIE_NAME": "shop"},
			false, []string{"--engine", "file", "--session-file-path", dir, "--session-cookie-name", "shop"},
		},
		"signed_cookies": {map[string]any{"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies"}, false, []string{"--engine", "signed_cookies"}},
	} {
		if os.Getenv("DJSESSION_MATRIX") != "full" && name != "RedisCache" && name != "django-redis" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings, _ := json.Marshal(test.settings)
			values, _ := json.Marshal(test.python)
			ask := func(args ...string) string {
				cmd := exec.CommandContext(t.Context(), python, append([]string{"-c", djangoScript, testSecret, string(settings), string(values)}, args...)...)
				out, err := cmd.Output()
				if err != nil {
					if failed, ok := err.(*exec.ExitError); ok {
						t.Fatalf("%v: %s", err, failed.Stderr)
					}
					t.Fatal(err)
				}
				return strings.TrimSpace(string(out))
			}
			c := newCLI(t)
			if strings.Contains(string(settings), "CACHES") {
				c = c.with("DJANGO_CACHE_KEY_PREFIX", prefix).with("DJANGO_CACHE_VERSION", "7")
			}
			key := ask()
			r := c.run(append([]string{"show", key}, test.args...)...)
			if r.status != 0 || !strings.Contains(r.stdout, `[1.0, null, true`) && !strings.Contains(r.stdout, `[1.0,null,true,1180591620717411303424]`) || test.python != strings.Contains(r.stdout, `"when":"2026-01-02T00:00:00+00:00","price":"1.50","s":[3],"k":{"7":"eA=="}`) {
				t.Errorf("show: %+v", r)
			}
			r = c.run(append([]string{"set", key, "set", `{"by":"Go"}`}, test.args...)...)
			if r.status != 0 || r.stderr != "" {
				t.Errorf("set: %+v", r)
			}
			if printed := strings.TrimSpace(r.stdout); printed != "" {
				key = printed
			}
			if got := ask(key); got != "True" {
				t.Errorf("Django finds something else: %s", got)
			}
		})
	}
}
