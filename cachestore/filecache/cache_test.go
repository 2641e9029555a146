package filecache

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
	"github.com/djsession/djsession/internal/filelock"
)

func settings() django.Settings {
	set := django.DefaultSettings()
	set.SecretKey = "the secret of these tests"
	set.SessionEngine = django.EngineCache
	return set
}

func TestConformance(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "by Go")
	storetest.Run(t, func(t *testing.T) django.Store {
		sessions, err := django.New(settings(), cachestore.New(New(dir)))
		if err != nil {
			t.Fatal(err)
		}
		return sessions.Store()
	})
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory's mode is %v, %v", info.Mode(), err)
	}
}

// TestOpen: a relative directory would depend on where the program runs.
func TestOpen(t *testing.T) {
	for dir, right := range map[string]bool{t.TempDir(): true, "cache": false, "": false} {
		if _, err := django.New(settings(), cachestore.New(New(dir))); (err == nil) != right {
			t.Errorf("%q: %v", dir, err)
		}
	}
}

func item(text string) cachestore.Item { return cachestore.Item{Value: text, Flags: pickle} }

// TestLongestAge: an item with the longest age that a time.Duration holds has not expired.
func TestLongestAge(t *testing.T) {
	cache := New(t.TempDir())
	if err := cache.Add(t.Context(), "key", item("text"), math.MaxInt64); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Get(t.Context(), "key"); err != nil {
		t.Error(err)
	}
}

// TestFiles: a file is what Django makes of it: one that is empty or has expired is gone, and one
// that is not Django's is unreadable and stays.
func TestFiles(t *testing.T) {
	now := time.Now()
	live := New(t.TempDir()).file(item("text"), time.Hour)
	never := append([]byte{opProto, 4, opNone, opStop}, live[len(header(now)):]...)
	for name, c := range map[string]struct {
		content string
		want    error // of Get
	}{
		"live":           {string(live), nil},
		"never expires":  {string(never), nil},
		"expired":        {string(append(header(now.Add(-time.Second)), live[len(header(now)):]...)), django.ErrNotFound},
		"empty":          {"", django.ErrNotFound},
		"no pickle":      {"text", django.ErrUnreadable},
		"cut off":        {string(live[:15]), django.ErrUnreadable},
		"other protocol": {"\x80\x09N.", django.ErrUnreadable},
		"a text":         {"\x80\x04\x8c\x01a.", django.ErrUnreadable},
		"a call":         {"cos\nsystem\n(S'true'\ntR.", django.ErrUnreadable},
		"not a number":   {"\x80\x04G\x7f\xf8\x00\x00\x00\x00\x00\x00.", django.ErrUnreadable},
		"infinite":       {"\x80\x04G\x7f\xf0\x00\x00\x00\x00\x00\x00.x", nil},
		"an integer":     {"\x80\x04J\x01\x00\x00\x00.x", django.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			cache := New(t.TempDir())
			path := cache.path("secret-key")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, get := cache.Get(t.Context(), "secret-key")
			_, replace := cache.Replace(t.Context(), "secret-key", item("another"), item("new"), time.Hour)
			_, remove := cache.Remove(t.Context(), "secret-key", item("another"))
			add := cache.Add(t.Context(), "secret-key", item("new"), time.Hour)
			want, exists := c.want, django.ErrExists
			if want == nil {
				want = django.ErrConflict
			}
			if c.want == django.ErrNotFound {
				exists = nil
			}
			if !errors.Is(get, c.want) || !errors.Is(replace, want) || !errors.Is(remove, want) || !errors.Is(add, exists) {
				t.Errorf("Get: %v, Replace: %v, Remove: %v, Add: %v", get, replace, remove, add)
			}
			for _, err := range []error{get, replace, remove, add} {
				if err != nil && strings.Contains(err.Error(), filepath.Base(path)) {
					t.Errorf("the error names the file: %v", err)
				}
			}
			if got, err := os.ReadFile(path); exists != nil && string(got) != c.content {
				t.Errorf("the file was changed: %q, %v", got, err)
			}
			if err := cache.Delete(t.Context(), "secret-key"); err != nil {
				t.Error(err)
			}
			if entries, err := os.ReadDir(cache.dir); err != nil || len(entries) != 0 {
				t.Errorf("the directory holds %v, %v", entries, err)
			}
		})
	}
}

// TestNotCompressed: an item that Add or Replace has stored and the one that Get returns are the
// same to Replace and Remove.
func TestNotCompressed(t *testing.T) {
	cache := New(t.TempDir())
	text := item(strings.Repeat("text ", 100))
	if err := cache.Add(t.Context(), "key", text, time.Hour); err != nil {
		t.Fatal(err)
	}
	stored, err := cache.Get(t.Context(), "key")
	if err != nil || stored.Flags != compressed || len(stored.Value) > 100 {
		t.Fatalf("%v, %v", stored, err)
	}
	for _, step := range []struct{ old, item cachestore.Item }{{text, text}, {stored, stored}, {text, stored}, {stored, item("short")}} {
		if _, err := cache.Replace(t.Context(), "key", step.old, step.item, time.Hour); err != nil {
			t.Errorf("Replace: %v", err)
		}
	}
	for _, other := range []cachestore.Item{text, stored, item("shor"), item("short "), item("")} {
		if current, err := cache.Remove(t.Context(), "key", other); !errors.Is(err, django.ErrConflict) || current.Flags != compressed {
			t.Errorf("Remove: %v, %v", current, err)
		}
	}
	if _, err := cache.Remove(t.Context(), "key", item("short")); err != nil {
		t.Error(err)
	}
}

// TestDirectory: a directory that cannot be used is an error, never an absent session; one that
// is not there yet holds none.
func TestDirectory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cache := New(file)
	_, get := cache.Get(t.Context(), "key")
	_, replace := cache.Replace(t.Context(), "key", item(""), item("new"), time.Hour)
	for _, err := range []error{get, replace, cache.Add(t.Context(), "key", item("new"), time.Hour), cache.Check(t.Context())} {
		if err == nil || errors.Is(err, django.ErrNotFound) || errors.Is(err, django.ErrExists) || errors.Is(err, django.ErrOutcomeUnknown) {
			t.Errorf("a file in the directory's place: %v", err)
		}
	}
	absent := New(filepath.Join(t.TempDir(), "absent"))
	if _, err := absent.Get(t.Context(), "key"); !errors.Is(err, django.ErrNotFound) {
		t.Errorf("Get: %v", err)
	}
	if err := errors.Join(absent.Delete(t.Context(), "key"), absent.Check(t.Context())); err != nil {
		t.Error(err)
	}
}

// TestCheck: a directory so full that Django deletes sessions is an error.
func TestCheck(t *testing.T) {
	cache := New(t.TempDir(), WithMaxEntries(6))
	for i := range 4 {
		if err := cache.Check(t.Context()); err != nil {
			t.Errorf("with %d files: %v", i, err)
		}
		if err := cache.Add(t.Context(), fmt.Sprint("key", i), item("text"), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if err := cache.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "MAX_ENTRIES = 6") {
		t.Errorf("Check: %v", err)
	}
}

// TestDjangoInBetween: a file that Django has replaced since it was locked is read again; one
// that it has deleted is gone, and is not made again.
func TestDjangoInBetween(t *testing.T) {
	cache := New(t.TempDir())
	for name, want := range map[string]error{"replaced": django.ErrConflict, "deleted": django.ErrNotFound} {
		if err := cache.Add(t.Context(), name, item("old"), time.Hour); err != nil {
			t.Fatal(err)
		}
		var once sync.Once
		_, err := cache.swap(t.Context(), "replace", name, item("old"), func(f *filelock.File) error {
			once.Do(func() { // Django, which knows nothing of the lock
				if err := os.Remove(cache.path(name)); err != nil {
					t.Fatal(err)
				}
				if name == "replaced" {
					if err := os.WriteFile(cache.path(name), cache.file(item("new"), time.Hour), 0o600); err != nil {
						t.Fatal(err)
					}
				}
			})
			return f.Replace(cache.file(item("lost"), time.Hour), time.Now())
		})
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
}

// TestWaits: a call that waits for a lock ends with its context, and has done nothing.
func TestWaits(t *testing.T) {
	cache := New(t.TempDir())
	if err := cache.Add(t.Context(), "key", item("old"), time.Hour); err != nil {
		t.Fatal(err)
	}
	file, err := filelock.LockFile(t.Context(), cache.path("key"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, replace := cache.Replace(ctx, "key", item("old"), item("new"), time.Hour)
	for _, err := range []error{replace, cache.Delete(ctx, "key")} {
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, django.ErrOutcomeUnknown) {
			t.Errorf("%v, want the context's error", err)
		}
	}
}
