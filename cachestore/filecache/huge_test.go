package filecache

import (
	"errors"
	"os"
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
)

// TestHugeFile: a file that is larger than any session is not read as a whole.
func TestHugeFile(t *testing.T) {
	cache := New(t.TempDir())
	ss, err := django.New(settings(), cachestore.New(cache))
	if err != nil {
		t.Fatal(err)
	}
	s := ss.NewSession()
	if err := errors.Join(s.Set("a", 1), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(cache.dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	path := cache.dir + "/" + files[0].Name()
	if err := os.Truncate(path, 64<<30); err != nil {
		t.Skip(err)
	}
	// Django's reader ignores what follows the stream, too.
	if _, err := ss.Load(t.Context(), s.Key()); err != nil {
		t.Errorf("load: %v", err)
	}
	if err := ss.Delete(t.Context(), s.Key()); err != nil {
		t.Errorf("delete: %v", err)
	}
}
