package filelock

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// inTheirPlace writes a file as Django does, without the lock.
func inTheirPlace(path, content string) error {
	return errors.Join(os.WriteFile(path+"_out_", []byte(content), 0o600), os.Rename(path+"_out_", path))
}

// TestExchange: what somebody else did after the last look at the file stays.
func TestExchange(t *testing.T) {
	for name, c := range map[string]struct {
		theirs  func(path string) error
		changed bool
		want    string // "" if there is no file
	}{
		"nothing":  {func(string) error { return nil }, false, "ours"},
		"replaced": {func(path string) error { return inTheirPlace(path, "theirs") }, true, "theirs"},
		"removed":  {os.Remove, true, ""},
		"a link that leads nowhere": {func(path string) error {
			return errors.Join(os.Remove(path), os.WriteFile(path+"3", []byte("theirs"), 0), os.Symlink(path+"3", path))
		}, true, "theirs"},
	} {
		dir := t.TempDir()
		path, temp := filepath.Join(dir, "f"), filepath.Join(dir, "temp")
		if err := errors.Join(CreateFile(path, []byte("first"), time.Time{}), CreateFile(temp, []byte("ours"), time.Time{})); err != nil {
			t.Fatal(err)
		}
		old, close, err := hold(path) // as LockFile does: nothing else gets its identity
		if err := errors.Join(err, c.theirs(path)); err != nil {
			t.Fatal(err)
		}
		defer close()
		if err := exchange(temp, path, old); err == nil == c.changed || err != nil && err != ErrChanged {
			t.Errorf("%s: %v", name, err)
		}
		content, err := os.ReadFile(path)
		if string(content) != c.want || errors.Is(err, fs.ErrNotExist) != (c.want == "") {
			t.Errorf("%s: the file holds %q, %v", name, content, err)
		}
	}
}

// TestRacingWriter: a writer that does not know the lock replaces the file all the time, while
// others append to it under the lock. Each content it writes stays until it replaces it itself, with
// what was appended to it.
func TestRacingWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := CreateFile(path, []byte("0:"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	var appending sync.WaitGroup
	for range 4 {
		appending.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				f, err := LockFile(t.Context(), path, 1<<20)
				if err != nil {
					t.Error(err)
					return
				}
				if err := f.Replace(append(f.Content, '+'), time.Time{}); err != nil && !errors.Is(err, ErrChanged) {
					t.Error(err)
				}
				f.Unlock()
			}
		})
	}
	lost := 0
	for i := range 100 {
		theirs := strings.Repeat("x", i) + ":"
		if err := inTheirPlace(path, theirs); err != nil {
			t.Fatal(err)
		}
		for until := time.Now().Add(time.Second); ; { // another content may be there for a moment
			content, _, err := Read(path, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(string(content), theirs+"+") {
				break
			}
			if time.Now().After(until) {
				lost++
				break
			}
		}
	}
	close(done)
	appending.Wait()
	if lost > 0 {
		t.Errorf("%d of 100 contents were lost", lost)
	}
}

// TestFlushNothing: a file system that cannot flush directories is no reason for unknown outcomes.
func TestFlushNothing(t *testing.T) {
	for dir, want := range map[string]bool{"/proc": true, t.TempDir(): true, "/missing": false} {
		if err := flush(dir); (err == nil) != want {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

// TestExchangeRefused: where two files cannot be exchanged, nothing is done, so that put can rename.
func TestExchangeRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := CreateFile(path, []byte("first"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	f, err := LockFile(t.Context(), path, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Unlock()
	if err := exchange(path, filepath.Join("/proc", "version"), f.Info); err == nil || err == ErrChanged || errors.Is(err, ErrUnknown) {
		t.Errorf("across file systems: %v", err)
	}
	if content, err := os.ReadFile(path); string(content) != "first" {
		t.Errorf("%q, %v", content, err)
	}
}

// TestBusyDirectory: a lock of the directory that is held for long does not stop a writer.
func TestBusyDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := CreateFile(path, []byte("first"), time.Time{}); err != nil {
		t.Fatal(err)
	}
	unlock, ok := lockDirectory(filepath.Dir(path))
	if !ok {
		t.Fatal("the directory cannot be locked")
	}
	defer unlock()
	f, err := LockFile(t.Context(), path, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Unlock()
	if err := f.Replace([]byte("ours"), time.Time{}); err != nil {
		t.Error(err)
	}
	if content, err := os.ReadFile(path); string(content) != "ours" {
		t.Errorf("%q, %v", content, err)
	}
}
