// Package djangotests runs Django's own tests for sessions, signing, CSRF, password
// hashers and logins with this module's Go code doing the work. README.md explains how.
package djangotests

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// everyday is the Django whose tests `make test` runs.
const everyday = "5.2"

// reached are the numbers of tests that reach Go, by suite and Django. They may only
// grow: a smaller number means that tests are no longer run, or no longer call Go.
var reached = map[string]map[string]int{
	"sessions": {"4.2": 382, "5.2": 641, "6.1": 642},
	"logins":   {"4.2": 290, "5.2": 340, "6.1": 348},
	"hashers":  {"4.2": 27, "5.2": 25, "6.1": 28},
}

// figures are what gobridge/report.py writes.
type figures struct {
	Version    string            `json:"version"`
	Passed     int               `json:"passed"`
	Applicable int               `json:"applicable"`
	Reached    int               `json:"reached"`
	Failed     map[string]string `json:"failed"` // why, by test
	Idle       []string          `json:"idle"`   // tests that did not reach Go
}

func (f *figures) String() string {
	return fmt.Sprintf("Django %s: %d of %d tests pass, %d reached Go", f.Version, f.Passed, f.Applicable, f.Reached)
}

// full runs every suite with every Django.
var full = os.Getenv("DJSESSION_MATRIX") == "full"

// TestDjangosOwnTests runs Django's own tests with Go doing the work: those of everyday
// but for password hashers, which take long, or, if DJSESSION_MATRIX is full, all of every
// Django in reached and the newest.
func TestDjangosOwnTests(t *testing.T) {
	djangos, suites := chosen(t), []string{"sessions", "logins"}
	if full {
		suites = append(suites, "hashers")
	}
	bridge := build(t)
	for _, d := range djangos {
		for _, suite := range suites {
			t.Run(d.Name+"/"+suite, func(t *testing.T) {
				t.Parallel() // each is one Python process, which waits for one of Go's
				floor, ok := reached[suite][d.Name]
				if !ok {
					t.Fatalf("%s: record in this file how many of its tests reach Go", d)
				}
				f := run(t, d, suite, bridge)
				t.Log(f)
				for name, why := range f.Failed {
					t.Errorf("%s: %s", name, why)
				}
				for _, name := range f.Idle {
					t.Errorf("%s: did not call Go: list it in gobridge/not_applicable.py if it is about Python alone", name)
				}
				if f.Version != d.Version {
					t.Errorf("ran Django %s, not %s", f.Version, d.Version)
				}
				if f.Applicable == 0 || f.Passed != f.Applicable {
					t.Errorf("%d of %d tests pass", f.Passed, f.Applicable)
				}
				if f.Reached < floor {
					t.Errorf("%d tests reached Go, and %d did before", f.Reached, floor)
				}
			})
		}
	}
}

// chosen returns the Djangos whose tests are to run.
func chosen(t *testing.T) []testenv.Django {
	t.Helper()
	djangos := testenv.Djangos(t)
	newest := djangos[len(djangos)-1].Name
	return slices.DeleteFunc(djangos, func(d testenv.Django) bool {
		_, recorded := reached["sessions"][d.Name]
		return d.Name != everyday && !(full && (recorded || d.Name == newest))
	})
}

func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bridge")
	if output, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./bridge").CombinedOutput(); err != nil {
		t.Fatalf("building the bridge: %v\n%s", err, output)
	}
	return path
}

// run runs a suite.
func run(t *testing.T, d testenv.Django, suite, bridge string) *figures {
	t.Helper()
	tests, work := d.OwnTests(t), t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, d.Executable(t), "run.py", suite, tests, bridge, work)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PYTHONPATH=", "PYTHONWARNINGS=")
	cmd.WaitDelay = 10 * time.Second
	output, runErr := cmd.CombinedOutput()
	text, err := os.ReadFile(filepath.Join(work, "result.json"))
	f := new(figures)
	if err == nil {
		err = json.Unmarshal(text, f)
	}
	if err != nil {
		t.Fatalf("no figures: %v, %v\n%s", err, runErr, output[max(0, len(output)-4000):])
	}
	if runErr != nil && len(f.Failed) == 0 && len(f.Idle) == 0 {
		t.Errorf("run.py: %v", runErr)
	}
	return f
}
