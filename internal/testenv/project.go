package testenv

import (
	"errors"
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
	d.Run(t, dir, "-m", "django", "startproject", "mysite", dir)
	manage := filepath.Join(dir, "manage.py")
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
	d.Run(t, dir, manage, "makemigrations", "-v", "0")
	d.Run(t, dir, manage, "migrate", "-v", "0")
	return manage
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
