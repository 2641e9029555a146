package filestore_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/filestore"
)

// FuzzSessionFile reads a file with any name and content. A key names a file in the directory or
// none, and what cannot be read is Corrupt and stays as it is.
func FuzzSessionFile(f *testing.F) {
	dir := f.TempDir()
	now := time.Unix(1700000000, 0)
	ss, err := django.New(settings(), filestore.New(dir), django.WithClock(func() time.Time { return now }))
	if err != nil {
		f.Fatal(err)
	}
	for _, value := range []any{1, "text", map[string]any{"_session_expiry": 5}} {
		s := ss.NewSession()
		if err := errors.Join(s.Set("a", value), s.Set("_session_expiry", value), s.Save(f.Context())); err != nil && !errors.Is(err, django.ErrExpiry) {
			f.Fatal(err)
		} else if err == nil {
			text, err := os.ReadFile(filepath.Join(dir, "sessionid"+s.Key()))
			if err != nil {
				f.Fatal(err)
			}
			f.Add("abcdefgh", text)
		}
	}
	for _, key := range []string{"", "../../etc/passwd", "abcdefgh/", "abcdefgh\x00", "ABCDEFGH", "abcdefg"} {
		f.Add(key, []byte("eyJhIjoxfQ:1r0000:sig"))
	}
	store := ss.Store().(*filestore.Store)
	f.Fuzz(func(t *testing.T, key string, text []byte) {
		path := filepath.Join(dir, "sessionid"+key)
		if store.Possible(key) {
			if filepath.Dir(path) != dir || filepath.Base(path) != "sessionid"+key {
				t.Fatalf("the key leads out of the directory")
			}
			if err := errors.Join(os.WriteFile(path, text, 0o600), os.Chtimes(path, now, now)); err != nil {
				t.Fatal(err)
			}
		}
		rec, err := store.Load(t.Context(), key, now)
		switch {
		case errors.Is(err, django.ErrNotFound):
			return // it is impossible, or has expired
		case err != nil:
			t.Fatal(err)
		case !store.Possible(key):
			t.Fatal("an impossible key is found")
		case rec.Version != string(text) || rec.Key != key || rec.Data == nil:
			t.Fatal("the record is not that of the file")
		}
		if _, err := ss.Codec().Decode(t.Context(), string(text)); len(text) > 0 && (err == nil) != (rec.Corrupt == nil) {
			t.Fatalf("Decode: %v, Corrupt: %v", err, rec.Corrupt)
		}
	})
}
