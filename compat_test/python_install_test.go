package compat

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/filecache"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/jmoiron/sqlx"
)

// TestPythonInstalled: pip installs python/ by the line in the README, and a site's settings with one of its engines are known to Go, which then
// refuses to serve another medium than the site's.
func TestPythonInstalled(t *testing.T) {
	for _, d := range oldestAndNewest(t) {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			target := t.TempDir()
			d.Run(t, t.TempDir(), "-m", "pip", "--no-input", "--disable-pip-version-check", "-q", "install", "--no-index", "--no-deps", "--no-build-isolation", "--target", target, pipRequirement(t))
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

// pipRequirement returns what the pages have pip install, from a repository with this python/ instead of
// the public one.
func pipRequirement(t *testing.T) string {
	t.Helper()
	line := regexp.MustCompile(`pip install "(djsession-django @ git\+)https://\S+/djsession/djsession(#subdirectory=python)"`)
	var found []string
	for _, page := range []string{"../README.md", "../python/README.md"} {
		text, err := os.ReadFile(page)
		must(t, err)
		if found = line.FindStringSubmatch(string(text)); found == nil {
			t.Fatalf("%s does not say how to install python/", page)
		}
	}
	repository := t.TempDir()
	must(t, os.CopyFS(filepath.Join(repository, "python"), os.DirFS("../python")))
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "python"}} {
		if out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", repository}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args[0], err, out)
		}
	}
	return found[1] + "file://" + filepath.ToSlash(repository) + found[2]
}
