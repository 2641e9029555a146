package compat

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/filecache"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/jmoiron/sqlx"
)

// TestPythonInstalled: pip installs python/, and a site's settings with one of its engines are known to Go, which then
// refuses to serve another medium than the site's.
func TestPythonInstalled(t *testing.T) {
	for _, d := range oldestAndNewest(t) {
		t.Run(d.String(), func(t *testing.T) {
			t.Parallel()
			source, target := filepath.Join(t.TempDir(), "python"), t.TempDir()
			copySource(t, source) // pip builds in the source folder
			d.Run(t, t.TempDir(), "-m", "pip", "--no-input", "--disable-pip-version-check", "-q", "install", "--no-index", "--no-deps", "--no-build-isolation", "--target", target, source)
			for _, engine := range []string{"db", "cached_db"} {
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
				for name, served := range map[string]django.Engine{"db": rows, "cached_db": cachestore.NewCachedDB(rows, filecache.New(t.TempDir()))} {
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
