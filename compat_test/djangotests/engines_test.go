package djangotests

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// engines are the session engines of python/, and how many of Django's tests have to call them, by Django. "more" are
// the tests in moreLabels, with the engine db.
var engines = map[string]map[string]int{
	"db":        {"2.2": 209, "3.2": 219, "4.2": 215, "5.2": 363, "6.0": 363, "6.1": 363},
	"cached_db": {"2.2": 87, "3.2": 91, "4.2": 90, "5.2": 151, "6.0": 151, "6.1": 151},
	"cache":     {"2.2": 49, "3.2": 51, "4.2": 51, "5.2": 81, "6.0": 81, "6.1": 81},
	"more":      {"2.2": 130, "3.2": 141, "4.2": 154, "5.2": 188, "6.0": 194, "6.1": 207},
}

// moreLabels are Django's tests of what uses sessions.
var moreLabels = []string{"auth_tests.test_views", "auth_tests.test_middleware", "auth_tests.test_signals", "auth_tests.test_remote_user", "messages_tests", "csrf_tests", "test_client"}

// TestPythonEngines runs Django's own tests with the session engines of python/ in place of Django's: those of sessions
// for the engine db with every Django, for the others with the newest; in full, all of them with every Django.
func TestPythonEngines(t *testing.T) {
	djangos := testenv.Djangos(t)
	for _, d := range djangos {
		for _, engine := range []string{"db", "cached_db", "cache", "more"} {
			if !full && engine != "db" && (engine == "more" || d.Name != djangos[len(djangos)-1].Name) {
				continue
			}
			t.Run(d.Name+"/"+engine, func(t *testing.T) {
				t.Parallel()
				labels, name := []string{"sessions_tests"}, engine
				if engine == "more" {
					labels, name = moreLabels, "db"
				}
				f := runEngine(t, d, name, labels...)
				t.Logf("Django %s: %d tests, of which %d reached djsession.%s", f.Version, f.Tests, f.Reached, name)
				for name, why := range f.Failed {
					t.Errorf("%s: %s", name, why)
				}
				if f.Version != d.Version {
					t.Errorf("ran Django %s, not %s", f.Version, d.Version)
				}
				if f.Reached < engines[engine][d.Name] {
					t.Errorf("%d tests reached the engine, and %d did before", f.Reached, engines[engine][d.Name])
				}
			})
		}
	}
}

// engineFigures are what run_engine.py writes.
type engineFigures struct {
	Version string            `json:"version"`
	Tests   int               `json:"tests"`
	Reached int               `json:"reached"` // those that called the engine
	Failed  map[string]string `json:"failed"`  // why, by test
}

func runEngine(t *testing.T, d testenv.Django, engine string, labels ...string) *engineFigures {
	t.Helper()
	tests, work := d.OwnTests(t), t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, d.Executable(t), append([]string{"run_engine.py", tests, engine, work}, labels...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PYTHONPATH=", "PYTHONWARNINGS=")
	cmd.WaitDelay = 10 * time.Second
	output, runErr := cmd.CombinedOutput()
	text, err := os.ReadFile(filepath.Join(work, "result.json"))
	f := new(engineFigures)
	if err == nil {
		err = json.Unmarshal(text, f)
	}
	if err != nil || runErr != nil {
		t.Fatalf("no figures: %v, %v\n%s", err, runErr, output[max(0, len(output)-4000):])
	}
	return f
}
