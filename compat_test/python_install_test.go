package compat

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/filecache"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/jmoiron/sqlx"
)

// TestPythonInstalled: pip installs python/ by the line in the README, and a site's settings with one of its engines are known to Go, which then
// refuses to serve another medium than the site's.
func TestPythonInstalled(t *testing.T) {
	for _, d := range oldestAndNewest(t) {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			target := t.TempDir()
			pipInstall(t, d, target)
			for _, engine := range []string{"db", "cached_db", "cache"} {
				manage := d.Project(t, fmt.Sprintf("import sys\nsys.path.append(%q)\nINSTALLED_APPS.append('djsession')\nSESSION_ENGINE = 'djsession.%s'\n"+
					"CACHES = {'default': {'BACKEND': 'django.core.cache.backends.filebased.FileBasedCache', 'LOCATION': %q}}\n", target, engine, t.TempDir()), nil)
				d.Run(t, filepath.Dir(manage), manage, "check")
				file := settingsFile(t, startProject(t, d, manage))
				if text := omissions(file); strings.Contains(text, "SESSION_ENGINE") {
					t.Errorf("omitted: %s", text)
				}
				settings := loadFile(t, file)
				check(t, "SESSION_ENGINE", settings.SessionEngine, "djsession."+engine)
				check(t, "its base", settings.SessionEngineBase, "django.contrib.sessions.backends."+engine)
				settings.SessionEngineBase = "" // as in settings written by hand
				db := sqlx.MustOpen("sqlite", settings.Databases["default"].DSN())
				defer func() { _ = db.Close() }()
				rows := dbstore.New(db)
				cache := filecache.New(t.TempDir())
				for name, served := range map[string]django.Engine{"db": rows, "cached_db": cachestore.NewCachedDB(rows, cache), "cache": cachestore.New(cache)} {
					if _, err := django.New(settings, served); (err == nil) != (name == engine) {
						t.Errorf("the engine for %s opens for djsession.%s: %v", name, engine, err)
					}
				}
			}
		})
	}
}

// copySource copies python/ without what Python compiles there, for other tests at the same time too.
func copySource(t *testing.T, to string) {
	t.Helper()
	must(t, filepath.WalkDir("../python", func(path string, entry fs.DirEntry, err error) error {
		target := filepath.Join(to, strings.TrimPrefix(path, "../python"))
		switch {
		case err != nil:
			return err
		case entry.Name() == "__pycache__":
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o700)
		}
		text, err := os.ReadFile(path)
		return errors.Join(err, os.WriteFile(target, text, 0o600))
	}))
}

// pipInstall runs the pip line of the README with a Django's Python. git takes this python/ instead of the
// public repository.
func pipInstall(t *testing.T, d testenv.Django, target string) {
	t.Helper()
	line := regexp.MustCompile(`pip install "(djsession-django @ git\+(https://\S+)#subdirectory=python)"`)
	var requirement, address string
	for _, page := range []string{"../README.md", "../python/README.md"} {
		text, err := os.ReadFile(page)
		must(t, err)
		found := line.FindStringSubmatch(string(text))
		if found == nil || requirement != "" && found[1] != requirement {
			t.Fatalf("%s does not say how to install python/, or otherwise than the README", page)
		}
		requirement, address = found[1], found[2]
	}
	repository := t.TempDir()
	copySource(t, filepath.Join(repository, "python"))
	run := func(name string, args ...string) {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = repository
		cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GIT_") })
		cmd.Env = append(cmd.Env, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url.file://"+filepath.ToSlash(repository)+".insteadOf", "GIT_CONFIG_VALUE_0="+address)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
	}
	run("git", "init", "-q")
	run("git", "add", "python")
	run("git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "python")
	run(d.Executable(t), "-m", "pip", "--no-input", "--disable-pip-version-check", "-q", "install", "--no-index", "--no-deps", "--no-build-isolation", "--target", target, requirement)
}
