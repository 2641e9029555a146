package filestore_test

import (
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
)

// noise is text that does not get smaller by compression.
func noise(n int) string {
	b := make([]byte, n/2)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return hex.EncodeToString(b)
}

// TestList: List and Count find the sessions by their expiry, the last first, among other files.
func TestList(t *testing.T) {
	dir := t.TempDir()
	ss := open(t, settings(), dir)
	store := ss.Store().(django.Lister)
	now := ss.Now()
	var keys []string
	for _, expiry := range []func(*django.Session) error{
		func(s *django.Session) error { return s.SetExpiryDate(now.Add(90 * 24 * time.Hour)) },
		func(s *django.Session) error { return s.SetExpiryDate(now.Add(60 * 24 * time.Hour)) },
		func(*django.Session) error { return nil },
		func(s *django.Session) error { return s.SetExpiry(time.Minute) },
		func(s *django.Session) error { return s.SetExpiryDate(now.Add(-time.Hour)) },
		func(s *django.Session) error { return s.SetExpiryDate(now.Add(-2 * time.Hour)) },
	} {
		s := ss.NewSession()
		if err := errors.Join(s.Set("a", 1), expiry(s), s.Save(t.Context())); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, s.Key())
	}
	for _, name := range []string{"other", "sessionid", "sessionidshort", "sessionid" + keys[0] + "_out_abc", ".djsession-1.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	corrupt := strings.Repeat("z", 32)
	if err := os.WriteFile(filepath.Join(dir, "sessionid"+corrupt), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	live := []string{keys[0], keys[1], keys[2], corrupt, keys[3]}
	for name, c := range map[string]struct {
		filter django.Filter
		want   []string
	}{
		"live":    {django.Filter{Now: now.Add(time.Minute)}, live},
		"limit":   {django.Filter{Now: now.Add(time.Minute), Limit: 2}, live[:2]},
		"expired": {django.Filter{Now: now, Expired: true}, keys[4:]},
		"one":     {django.Filter{Now: now, Key: keys[1]}, keys[1:2]},
		"none":    {django.Filter{Now: now, Key: keys[5]}, nil},
		"no key":  {django.Filter{Now: now, Key: "../" + keys[5]}, nil},
	} {
		var got []string
		for l, err := range store.List(t.Context(), c.filter) {
			if err != nil {
				t.Fatal(err)
			}
			if l.Size == 0 || l.Expires.IsZero() || l.Malformed != nil || (l.Corrupt != nil) != (l.Key == corrupt) {
				t.Errorf("%s: size %d, expires %v, %v, %v", name, l.Size, l.Expires, l.Malformed, l.Corrupt)
			}
			got = append(got, l.Key)
		}
		// Two of them expire at nearly the same time.
		if name == "live" && len(got) == 5 && got[2] == corrupt {
			got[2], got[3] = got[3], got[2]
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %d sessions in another order, want %d", name, len(got), len(c.want))
		}
		n, err := store.Count(t.Context(), c.filter)
		if want := max(len(c.want), map[string]int{"limit": 5}[name]); err != nil || n != int64(want) {
			t.Errorf("%s: Count: %d, %v, want %d", name, n, err, want)
		}
	}
}

// TestClearExpired: it removes the files of expired sessions and old temporary ones, and nothing else.
func TestClearExpired(t *testing.T) {
	dir := t.TempDir()
	old := time.Now().Add(-15 * 24 * time.Hour)
	for name, modified := range map[string]time.Time{
		"sessionid" + strings.Repeat("a", 32): old, "sessionid" + strings.Repeat("b", 32): time.Now(),
		".djsession-1.tmp": old, ".djsession-2.tmp": time.Now(), "sessionidA": old, "other": old,
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, modified, modified)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := open(t, settings(), dir).ClearExpired(t.Context()); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	var left []string
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	if want := []string{".djsession-2.tmp", "other", "sessionidA", "sessionid" + strings.Repeat("b", 32)}; err != nil || !slices.Equal(left, want) {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

// TestCheck: Check tells a wrong secret from a directory with some old sessions of another one.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	ss := open(t, settings(), dir)
	other := settings()
	other.SecretKey = "another secret"
	wrong := open(t, other, dir)
	if err := wrong.Check(t.Context()); err != nil {
		t.Errorf("of an empty directory: %v", err)
	}
	for range 3 {
		saved(t, ss)
	}
	if err := ss.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := wrong.Check(t.Context()); !errors.Is(err, django.ErrCorrupt) || !strings.Contains(err.Error(), "SECRET_KEY") {
		t.Errorf("with a wrong secret: %v", err)
	}
	saved(t, wrong)
	if err := wrong.Check(t.Context()); err != nil {
		t.Errorf("with one session: %v", err)
	}
}
