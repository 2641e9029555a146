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

// TestPythonCaches runs the tests of python/djsession/swap and djsession.cache with every cache that each Django
// has. The table of DatabaseCache is in SQLite with one Django, in PostgreSQL and MariaDB with the others, in turn;
// in full, all three with every Django.
func TestPythonCaches(t *testing.T) {
	for i, version := range testenv.Djangos(t) {
		t.Run(version.Name, func(t *testing.T) {
			t.Parallel()
			on := databases
			if !full {
				on = databases[i%len(databases):][:1]
			}
			for j, d := range on {
				site := &engineSite{prefix: testenv.NewKeyPrefix(), cached: filepath.Join(t.TempDir(), "cache")}
				caches := map[string]any{}
				for _, one := range djangoCaches {
					if one.on(version) && (j == 0 || strings.HasPrefix(one.name, "DatabaseCache")) {
						caches[one.name] = one.entry(t, site)
					}
				}
				runPythonTests(t, version, servers.New(t, d.vendor), caches, i+j)
			}
		})
	}
}

// runPythonTests runs the tests of the session engine for caches. n even is USE_TZ.
func runPythonTests(t *testing.T, d testenv.Django, database *testenv.Database, caches map[string]any, n int) {
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
	useTZ := "1"
	fields := map[string]any{"TIME_ZONE": "Asia/Kolkata"}
	if n%2 == 1 {
		useTZ, fields = "0", nil
	}
	if !d.AtLeast(4, 0) {
		fields = nil // DatabaseCache ignored it when writing
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, d.Executable(t), "-B", "-s", "-m", "unittest", "tests.test_cas")
	cmd.Dir = filepath.Join("..", "python")
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PYTHON") })
	cmd.Env = append(cmd.Env, "LC_ALL=C.UTF-8", "DJSESSION_TEST_CACHES="+asJSON(caches), "DJSESSION_TEST_USE_TZ="+useTZ,
		"DJSESSION_TEST_DATABASES="+asJSON(map[string]any{"default": database.Django(fields)}))
	cmd.WaitDelay = 10 * time.Second
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, output[max(0, len(output)-8000):])
	}
}
