package filelock

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const fileVariable = "DJSESSION_FILELOCK_FILE"

// TestFileOfProcesses: no increment of several processes, with several goroutines each, is
// lost.
func TestFileOfProcesses(t *testing.T) {
	const processes, goroutines, each = 3, 4, 10
	if path := os.Getenv(fileVariable); path != "" {
		var wg sync.WaitGroup
		for range goroutines {
			wg.Go(func() {
				for range each {
					increment(t, path)
				}
			})
		}
		wg.Wait()
		return
	}
	path := filepath.Join(t.TempDir(), "n")
	if err := CreateFile(path, []byte("0"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFileOfProcesses$")
			cmd.Env = append(os.Environ(), fileVariable+"="+path)
			if output, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
	wg.Wait()
	content, _, err := Read(path, 1<<20)
	if want := strconv.Itoa(processes * goroutines * each); err != nil || string(content) != want {
		t.Errorf("%q, %v, want %s", content, err, want)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("%d temporary files are left, %v", len(left), err)
	}
}

func increment(t *testing.T, path string) {
	f, err := LockFile(t.Context(), path, 1<<20)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Unlock()
	n, err := strconv.Atoi(string(f.Content))
	if err != nil {
		t.Error(err)
	}
	if err := f.Replace([]byte(strconv.Itoa(n+1)), time.Time{}); err != nil {
		t.Error(err)
	}
}

// TestFileWithoutTheLock: what somebody who does not know the lock has done is not undone.
func TestFileWithoutTheLock(t *testing.T) {
	for name, foreign := range map[string]func(path string) error{
		"replaced": func(path string) error {
			return errors.Join(os.WriteFile(path+"2", []byte("theirs"), 0o600), os.Rename(path+"2", path))
		},
		"removed": os.Remove,
	} {
		for _, change := range []func(f *File) error{
			func(f *File) error { return f.Replace([]byte("ours"), time.Time{}) },
			func(f *File) error { return f.Remove() },
			func(f *File) error { return f.Touch(time.Now()) },
		} {
			path := filepath.Join(t.TempDir(), "f")
			if err := CreateFile(path, []byte("first"), time.Time{}); err != nil {
				t.Fatal(err)
			}
			f, err := LockFile(t.Context(), path, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			if err := foreign(path); err != nil {
				t.Fatal(err)
			}
			if err := change(f); !errors.Is(err, ErrChanged) {
				t.Errorf("%s: %v, want ErrChanged", name, err)
			}
			f.Unlock()
			content, _, err := Read(path, 1<<20)
			if string(content) == "ours" || name == "replaced" && string(content) != "theirs" ||
				name == "removed" && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %q, %v", name, content, err)
			}
			if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.tmp")); err != nil || len(left) > 0 {
				t.Errorf("%d temporary files are left, %v", len(left), err)
			}
		}
	}
}

// TestFileErrors: what fails says why, without a path.
func TestFileErrors(t *testing.T) {
	dir := t.TempDir()
	here := filepath.Join(dir, "here")
	if err := errors.Join(CreateFile(here, nil, time.Time{}), os.Mkdir(filepath.Join(dir, "directory"), 0o700)); err != nil {
		t.Fatal(err)
	}
	read := func(path string) error { _, _, err := Read(path, 1<<20); return err }
	lock := func(path string) error { _, err := LockFile(t.Context(), path, 1<<20); return err }
	for name, c := range map[string]struct {
		err  error
		want error
	}{
		"read nothing":   {read(filepath.Join(dir, "absent")), fs.ErrNotExist},
		"lock nothing":   {lock(filepath.Join(dir, "absent")), fs.ErrNotExist},
		"read directory": {read(filepath.Join(dir, "directory")), ErrNotRegular},
		"lock directory": {lock(filepath.Join(dir, "directory")), ErrNotRegular},
		"create twice":   {CreateFile(here, nil, time.Time{}), fs.ErrExist},
		"no directory":   {CreateFile(filepath.Join(dir, "absent", "f"), nil, time.Time{}), fs.ErrNotExist},
	} {
		if !errors.Is(c.err, c.want) || strings.Contains(c.err.Error(), dir) {
			t.Errorf("%s: %v, want %v and no path", name, c.err, c.want)
		}
	}
}
