package managepy_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/managepy"
	"github.com/djsession/djsession/internal/testenv"
)

// TestNoPython: the error lists every Python that was tried.
func TestNoPython(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	t.Setenv("VIRTUAL_ENV", filepath.Join(dir, "elsewhere"))
	_, err := managepy.FindPython(t.Context(), dir)
	if !errors.Is(err, managepy.ErrNoPython) {
		t.Fatal(err)
	}
	for _, part := range []string{filepath.Join(dir, ".venv"), filepath.Join(filepath.Dir(dir), "env"), "elsewhere", "python3: does not exist"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %v", part, err)
		}
	}
}

// TestFindPython: a virtual environment beside or above manage.py comes before VIRTUAL_ENV,
// and one without Django counts for nothing.
func TestFindPython(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("makes shell scripts")
	}
	d := testenv.NewestDjango(t)
	root := t.TempDir()
	dir := filepath.Join(root, "site")
	script := func(path, text string) string {
		path = filepath.Join(path, "bin", "python")
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	works := `exec "` + d.Executable(t) + `" "$@"`
	script(filepath.Join(dir, ".venv"), "exit 3")
	active := script(filepath.Join(root, "active"), works)
	t.Setenv("VIRTUAL_ENV", filepath.Join(root, "active"))
	if python, err := managepy.FindPython(t.Context(), dir); err != nil || python != active {
		t.Error(python, err)
	}
	above := script(filepath.Join(root, "venv"), works)
	if python, err := managepy.FindPython(t.Context(), dir); err != nil || python != above {
		t.Error(python, err)
	}
}

// TestNoManage: a path that is no manage.py is refused with what to pass.
func TestNoManage(t *testing.T) {
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "manage.py")} {
		_, err := managepy.Start(t.Context(), managepy.Options{Manage: path})
		if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "pass the path") {
			t.Error(err)
		}
	}
}
