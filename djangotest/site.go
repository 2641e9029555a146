package djangotest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/managepy"
)

// Site returns a throwaway Django project: startproject, migrate, a SQLite database, and the
// user ann, without a password. WithSettings and WithApp change it. Its Python is that of
// WithPython or of DJANGOTEST_PYTHON, else the first with Django among those where [Manage]
// looks, beside the test instead of manage.py. If there is none, Site makes a virtual environment with
// the newest Django in the user's cache directory, which takes a minute and a network, and
// serves all later runs. Without a Python for that, the test is skipped; see [Required].
//
// All tests of a test binary that ask for a site with the same options share it and its
// database. It is removed when the binary ends.
func Site(t testing.TB, opts ...Option) *Project {
	t.Helper()
	o := collect(opts)
	p, err := shared(o.key(""), func() (*Project, error) { return newSite(o) })
	return o.started(t, p, err)
}

func newSite(o options) (*Project, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	python, err := sitePython(ctx, o.python)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "djangotest-site-")
	if err != nil {
		return nil, err
	}
	p, err := makeSite(ctx, o, python, dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return p, nil
}

func makeSite(ctx context.Context, o options, python, dir string) (*Project, error) {
	if err := run(ctx, python, "-m", "django", "startproject", "site_for_test", dir); err != nil {
		return nil, fmt.Errorf("making a Django project: %w", err)
	}
	names := make([]string, len(o.apps))
	var lines strings.Builder
	for i, app := range o.apps {
		names[i] = app.name
		fmt.Fprintf(&lines, "\nINSTALLED_APPS += [%q]", app.name)
		if err := app.write(dir); err != nil {
			return nil, err
		}
	}
	lines.WriteString("\n" + strings.Join(o.settings, "\n") + "\n")
	if err := appendTo(filepath.Join(dir, "site_for_test", "settings.py"), lines.String()); err != nil {
		return nil, err
	}
	env := append([]string{"DJANGO_SETTINGS_MODULE=site_for_test.settings"}, o.env...) // whatever this process has
	p, err := start(managepy.Options{Manage: filepath.Join(dir, "manage.py"), Python: python, Env: env})
	if err != nil {
		return nil, err
	}
	// Python removes the directory when this process has ended, and this one if Python is
	// killed.
	err = errors.Join(
		p.try("remove_at_exit", map[string]any{"path": dir}, nil),
		p.try("migrate", map[string]any{"apps": names}, nil),
		p.try("user_store", map[string]any{"username": "ann"}, nil),
	)
	if err != nil {
		return nil, errors.Join(err, p.process.Close())
	}
	go func() {
		<-p.process.Ended()
		_ = os.RemoveAll(dir)
	}()
	return p, nil
}

// sitePython returns the Python for a site: the given one, or one that has Django, or one
// that gets it now.
func sitePython(ctx context.Context, given string) (string, error) {
	if given != "" {
		return exec.LookPath(given)
	}
	python, err := managepy.FindPython(ctx, ".")
	if errors.Is(err, managepy.ErrNoPython) {
		return cachedPython()
	}
	return python, err
}

func (a app) write(dir string) error {
	migrations := filepath.Join(dir, a.name, "migrations")
	return errors.Join(
		os.MkdirAll(migrations, 0o700),
		os.WriteFile(filepath.Join(migrations, "__init__.py"), nil, 0o600),
		os.WriteFile(filepath.Join(dir, a.name, "__init__.py"), nil, 0o600),
		os.WriteFile(filepath.Join(dir, a.name, "models.py"), []byte(a.models), 0o600),
	)
}

func appendTo(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// run runs a program. Its error has the end of what the program printed.
func run(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "DJANGO_SETTINGS_MODULE=") // which may name another project's
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	const most = 1000
	text := strings.TrimSpace(string(out))
	return fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), err, text[max(0, len(text)-most):])
}
