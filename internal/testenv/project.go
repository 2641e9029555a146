package testenv

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Project makes the project mysite with startproject, adds files to it by their names, appends
// settings to its settings.py, and migrates. It returns the path of its manage.py.
func (d Django) Project(t testing.TB, settings string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	manage := filepath.Join(dir, "manage.py")
	if err := os.CopyFS(dir, os.DirFS(d.pristine(t))); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.OpenFile(filepath.Join(dir, "mysite", "settings.py"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString("\n" + settings)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	// No other setting leads to other tables.
	if strings.Contains(settings, "INSTALLED_APPS") || strings.Contains(settings, "DATABASES") {
		if err := os.Remove(filepath.Join(dir, "db.sqlite3")); err != nil { // without AUTH_USER_MODEL
			t.Fatal(err)
		}
		d.Run(t, dir, manage, "makemigrations", "-v", "0")
		d.Run(t, dir, manage, "migrate", "-v", "0")
	}
	return manage
}

// pristine returns the directory of the project mysite as startproject makes it, migrated. It
// is made once for all runs, since migrating takes long.
func (d Django) pristine(t testing.TB) string {
	t.Helper()
	python := d.Executable(t)
	root, err := ModuleRoot()
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(python + " " + d.Version))
	made := filepath.Join(root, ".cache", "projects", fmt.Sprintf("%s-%x", d.Version, digest[:6]))
	if _, err := os.Stat(made); err == nil {
		return made
	}
	if err := os.MkdirAll(filepath.Dir(made), 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(filepath.Dir(made), "unfinished-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	d.Run(t, dir, "-m", "django", "startproject", "mysite", dir)
	d.Run(t, dir, "-B", filepath.Join(dir, "manage.py"), "migrate", "-v", "0")
	if err := os.Rename(dir, made); err != nil {
		if _, there := os.Stat(made); there != nil { // another process's
			t.Fatal(err)
		}
	}
	return made
}

// Run runs a program of a project's with the Django's Python, in a directory.
func (d Django) Run(t testing.TB, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), d.Executable(t), args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s: %v\n%s", d, strings.Join(args, " "), err, out)
	}
}
