package djangotest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/managepy"
)

// Environment variables that [Manage] and [Site] read.
const (
	// PythonVariable names the Python to use, as WithPython does.
	PythonVariable = "DJANGOTEST_PYTHON"
	// RequireVariable, if it is set and not "0", makes a test without Python fail instead of
	// being skipped, as Required does. Set it in CI.
	RequireVariable = "DJANGOTEST_REQUIRE"
)

// Manage returns the Django project of a manage.py, a path that is relative to the test's
// directory. Sessions and users that the test creates are in that project's own database:
// give it one for tests, for instance by another settings module:
//
//	site := djangotest.Manage(t, "../site/manage.py",
//		djangotest.WithEnv("DJANGO_SETTINGS_MODULE=shop.settings_test"), djangotest.WithMigrate())
//
// It runs in the Python of WithPython, of DJANGOTEST_PYTHON, of a virtual environment .venv,
// venv or env beside manage.py or one directory above, of VIRTUAL_ENV, or on PATH: the first
// in which Django can be imported. If there is none the test is skipped, with a reason; see
// [Required]. If the project does not start, the test fails with what Django printed.
//
// The Python starts with the first test that asks for the project with these options, in the
// environment that the test has then, serves all tests of the test binary that ask for the
// same, and ends with the binary. If it ends before, the next test that asks starts another.
func Manage(t testing.TB, path string, opts ...Option) *Project {
	t.Helper()
	o := collect(opts)
	if len(o.settings)+len(o.apps) > 0 {
		t.Fatal(`djangotest: WithSettings and WithApp are for Site; for Manage, write a settings module and name it by WithEnv("DJANGO_SETTINGS_MODULE=...")`)
	}
	manage, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := shared(o.key(manage), func() (*Project, error) {
		p, err := start(managepy.Options{Manage: manage, Python: o.python, Env: o.env})
		if err == nil && o.migrate {
			if err = p.try("migrate", nil, nil); err != nil {
				err = errors.Join(err, p.process.Close())
			}
		}
		return p, err
	})
	return o.started(t, p, err)
}

// started returns the project, or skips or fails the test.
func (o options) started(t testing.TB, p *Project, err error) *Project {
	t.Helper()
	switch {
	case err == nil:
		return p
	case !errors.Is(err, managepy.ErrNoPython):
		t.Fatalf("djangotest: %v", err)
	case o.required:
		t.Fatalf("djangotest: required, and missing: %v", err)
	default:
		t.Skipf("djangotest: skipped; %s names a Python with Django, and %s=1 makes this a failure: %v", PythonVariable, RequireVariable, err)
	}
	return nil
}

// Limits of a start and of a call, for a Django that hangs.
const (
	startTimeout = 3 * time.Minute
	callTimeout  = 2 * time.Minute
)

// start starts a project that ends with this process: the end of its input ends it.
func start(o managepy.Options) (*Project, error) {
	ctx, cancel := context.WithCancel(context.Background())
	timer := time.AfterFunc(startTimeout, cancel)
	defer timer.Stop()
	process, err := managepy.Start(ctx, o)
	if err != nil {
		cancel()
		return nil, err
	}
	p := &Project{Dir: filepath.Dir(o.Manage), DjangoVersion: process.Info.Django, process: process}
	var settings struct{ Engine, Cookie string }
	if err := p.try("session_settings", nil, &settings); err != nil {
		_ = process.Close()
		cancel()
		return nil, err
	}
	p.Engine, p.cookieName = settings.Engine, settings.Cookie
	return p, nil
}

// projects are those that run, by what started them.
var projects struct {
	mu    sync.Mutex
	byKey map[string]*running
}

type running struct {
	mu      sync.Mutex // held while the project starts
	project *Project   // nil if it does not run
}

// shared returns the project that runs under a key, after starting it if none does.
func shared(key string, start func() (*Project, error)) (*Project, error) {
	projects.mu.Lock()
	if projects.byKey == nil {
		projects.byKey = map[string]*running{}
	}
	r := projects.byKey[key]
	if r == nil {
		r = new(running)
		projects.byKey[key] = r
	}
	projects.mu.Unlock()

	r.mu.Lock()
	defer r.mu.Unlock()
	if r.project != nil && !r.project.ended() {
		return r.project, nil
	}
	p, err := start()
	if err != nil {
		return nil, err
	}
	r.project = p
	return p, nil
}

// key identifies a project with its options.
func (o options) key(manage string) string {
	return fmt.Sprintf("%q", append([]string{manage, o.python, strings.Join(o.settings, "\n"), fmt.Sprint(o.apps, o.migrate)}, o.env...))
}

// collect returns the options, with what the environment has.
func collect(opts []Option) options {
	require := os.Getenv(RequireVariable)
	o := options{python: os.Getenv(PythonVariable), required: require != "" && require != "0"}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}
