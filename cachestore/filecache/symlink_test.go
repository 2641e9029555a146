//go:build unix

package filecache

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
)

// TestSymbolicLink: a symbolic link in the place of a file, whether or not it leads anywhere, is
// no session and is not followed.
func TestSymbolicLink(t *testing.T) {
	for name, there := range map[string]bool{"leads to a file": true, "leads nowhere": false} {
		t.Run(name, func(t *testing.T) {
			cache, target := New(t.TempDir()), filepath.Join(t.TempDir(), "target")
			if there {
				if err := os.WriteFile(target, cache.file(item("text"), time.Hour), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink(target, cache.path("key")); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			_, get := cache.Get(ctx, "key")
			_, replace := cache.Replace(ctx, "key", item("text"), item("new"), time.Hour)
			for _, err := range []error{get, replace, cache.Add(ctx, "key", item("new"), time.Hour)} {
				if !errors.Is(err, django.ErrUnreadable) && !errors.Is(err, django.ErrExists) {
					t.Errorf("%v, want an error about what is there", err)
				}
			}
		})
	}
}
