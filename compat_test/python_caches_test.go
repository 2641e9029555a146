package compat

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// TestPythonCaches runs the tests of djsession.swap and djsession.cache with every cache that a Django has. In full, it
// does with every Django and DatabaseCache in every database; else with the oldest and the newest.
func TestPythonCaches(t *testing.T) {
	for i, version := range oldestAndNewest(t) {
		t.Run(version.Name, func(t *testing.T) {
			t.Parallel()
			on := databases
			if !full {
				on = databases[i : i+2]
			}
			for j, d := range on {
				t.Run(d.name, func(t *testing.T) {
					site := &engineSite{prefix: testenv.NewKeyPrefix(), cached: filepath.Join(t.TempDir(), "cache")}
					caches := map[string]any{}
					for _, one := range djangoCaches {
						if one.on(version) && (j == 0 || one.name == "DatabaseCache") {
							caches[one.name] = one.entry(t, site)
						}
					}
					if j == 0 && !version.AtLeast(4, 1) { // it is no longer there then, and Go does not support it
						caches["MemcachedCache"] = map[string]any{"BACKEND": "django.core.cache.backends.memcached.MemcachedCache",
							"LOCATION": servers.Memcached(t).Addr(), "KEY_PREFIX": site.prefix}
					}
					cmd := pythonTests(t, version, d.newFor(t, version), caches, (i+j)%2 == 0, "unittest", "tests.test_cas", "tests.test_cache", "tests.test_cache_gone")
					if output, err := cmd.CombinedOutput(); err != nil {
						t.Errorf("%s: %v: %s", d.name, err, output[max(0, len(output)-8000):])
					}
				})
			}
		})
	}
}

// TestPythonSentinel is TestPythonCaches behind Sentinel, where django-redis reads from a replica. It runs in full only.
func TestPythonSentinel(t *testing.T) {
	testenv.MatrixOnly(t)
	version := testenv.NewestDjango(t)
	redis := testenv.NewRedisSentinel(t)
	var sentinels [][]any
	for _, s := range redis.Sentinels {
		sentinels = append(sentinels, []any{s.Host, s.Port})
	}
	caches := map[string]any{"django-redis, Sentinel": map[string]any{
		"BACKEND": djangoRedisBackend, "LOCATION": "redis://" + redis.Name + "/0",
		"OPTIONS": map[string]any{
			"CLIENT_CLASS": "django_redis.client.SentinelClient", "CONNECTION_FACTORY": "django_redis.pool.SentinelConnectionFactory",
			"PASSWORD": redis.Master.Password, "SENTINELS": sentinels,
		},
	}}
	cmd := pythonTests(t, version, servers.New(t, testenv.SQLiteVendor), caches, true, "unittest", "tests.test_cas", "tests.test_cache")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, output[max(0, len(output)-8000):])
	}
}

// pythonTests returns the command that runs a module of python/tests with a Django, as in python/tests/cachesite.py.
func pythonTests(t *testing.T, d testenv.Django, database *testenv.Database, caches map[string]any, useTZ bool, module string, args ...string) *exec.Cmd {
	t.Helper()
	for _, one := range caches {
		if entry := one.(map[string]any); entry["KEY_FUNCTION"] != nil {
			entry["KEY_FUNCTION"] = "tests.cachesite.key_function"
		}
	}
	asJSON := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	zone, fields := "0", map[string]any(nil)
	if useTZ {
		zone = "1"
	}
	if useTZ && database.Vendor != testenv.SQLiteVendor && d.AtLeast(4, 0) { // before, DatabaseCache ignored it when writing
		fields = map[string]any{"TIME_ZONE": "Asia/Kolkata"}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, d.Executable(t), append([]string{"-s", "-m", module}, args...)...)
	cmd.Dir = filepath.Join("..", "python")
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PYTHON") })
	cmd.Env = append(cmd.Env, "LC_ALL=C.UTF-8", "DJSESSION_TEST_CACHES="+asJSON(caches), "DJSESSION_TEST_USE_TZ="+zone,
		"DJSESSION_TEST_DATABASES="+asJSON(map[string]any{"default": database.Django(fields)}))
	cmd.WaitDelay = 10 * time.Second
	return cmd
}
