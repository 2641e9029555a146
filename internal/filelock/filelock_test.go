package filelock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

const counterVariable = "DJSESSION_FILELOCK_COUNTER"

// TestMain lets the test binary be one of the other processes of TestProcesses.
func TestMain(m *testing.M) {
	if dir := os.Getenv(counterVariable); dir != "" {
		if err := count(context.Background(), dir, 100); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// count adds 1 to the number in a file n times, each under the lock.
func count(ctx context.Context, dir string, n int) error {
	file := filepath.Join(dir, "counter")
	for range n {
		unlock, err := Lock(ctx, filepath.Join(dir, "lock"))
		if err != nil {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		number, err := strconv.Atoi(string(text))
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(strconv.Itoa(number+1)), 0o600); err != nil {
			return err
		}
		unlock()
	}
	return nil
}

// TestProcesses: goroutines and processes that count under the lock lose nothing.
func TestProcesses(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "counter"), []byte("0"), 0o600); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), counterVariable+"="+dir)
			if output, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, output)
			}
		})
		all.Go(func() {
			if err := count(t.Context(), dir, 100); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if text, err := os.ReadFile(filepath.Join(dir, "counter")); err != nil || string(text) != "400" {
		t.Errorf("the counter is %s, %v", text, err)
	}
}

// TestLockEnds: waiting for a lock ends with the context, and the lock stays with its holder.
func TestLockEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	for range 2 {
		if _, err := Lock(ctx, path); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the lock is taken twice, or: %v", err)
		}
	}
	unlock()
	unlock, err = Lock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(t.TempDir(), "elsewhere"), path); err != nil {
		t.Skip(err)
	}
	if _, err := Lock(t.Context(), path); err == nil {
		t.Error("Lock follows a symbolic link")
	}
}

// TestWrite: Create writes only a new file, Replace any, nothing else remains in the directory,
// and a file that cannot be written is left as it was.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "named-after-a-key")
	holds := func(want string) {
		t.Helper()
		got, err := os.ReadFile(path)
		if entries, _ := os.ReadDir(dir); err != nil || string(got) != want || len(entries) != 1 {
			t.Errorf("the file holds %q, %v, beside %v", got, err, entries)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("the file's mode is %v, %v", info.Mode(), err)
		}
	}
	for _, step := range []struct {
		write   func(string, []byte) (bool, error)
		data    string
		visible bool
		err     error
		after   string
	}{
		{Create, "first", true, nil, "first"},
		{Create, "second", false, fs.ErrExist, "first"},
		{Replace, "", true, nil, ""},
		{Replace, strings.Repeat("long ", 1e4), true, nil, strings.Repeat("long ", 1e4)},
	} {
		visible, err := step.write(path, []byte(step.data))
		if visible != step.visible || !errors.Is(err, step.err) {
			t.Errorf("visible %t, %v", visible, err)
		}
		holds(step.after)
	}
	for _, write := range []func(string, []byte) (bool, error){Create, Replace} {
		visible, err := write(filepath.Join(dir, "no", "such", "named-after-a-key"), []byte("lost"))
		if visible || !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "named-after") {
			t.Errorf("visible %t, %v", visible, err)
		}
	}
}

// TestReadersSeeAllOrNothing: a reader meanwhile sees one of the contents written, complete.
func TestReadersSeeAllOrNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	contents := [][]byte{bytes.Repeat([]byte("a"), 1<<16), bytes.Repeat([]byte("b"), 1<<15)}
	if _, err := Create(path, contents[0]); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 50 {
			if _, err := Replace(path, contents[i%2]); err != nil {
				t.Error(err)
			}
		}
	}()
	for {
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, contents[0]) && !bytes.Equal(got, contents[1]) {
			t.Errorf("a reader sees %d bytes, %v", len(got), err)
		}
		select {
		case <-done:
			return
		default:
		}
	}
}
