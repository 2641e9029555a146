package filestore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/signing"
)

// saved returns a stored session.
func saved(t *testing.T, ss *django.Sessions) *django.Session {
	t.Helper()
	s := ss.NewSession()
	if err := errors.Join(s.Set("a", 1), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	return s
}

// every returns the errors of all that can be done with a session.
func every(t *testing.T, ss *django.Sessions, s *django.Session) map[string]error {
	_, load := ss.Load(t.Context(), s.Key())
	again := ss.NewSession()
	return map[string]error{
		"load":   load,
		"create": errors.Join(again.Set("b", 2), again.Save(t.Context())),
		"save":   errors.Join(s.Set("b", 2), s.Save(t.Context())),
		"delete": ss.Delete(t.Context(), s.Key()),
		"clear":  second(ss.ClearExpired(t.Context())),
		"check":  ss.Check(t.Context()),
	}
}

func second[T any](_ T, err error) error { return err }

// failed checks that an error names the directory and the cause, but not the key, and that it is
// neither an absent session nor an unknown outcome.
func failed(t *testing.T, what string, err error, key, dir, cause string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), cause) {
		t.Errorf("%s: %v, want an error that names the directory and says %q", what, err, cause)
		return
	}
	if strings.Contains(err.Error(), key) || errors.Is(err, django.ErrNotFound) || errors.Is(err, django.ErrInterrupted) || errors.Is(err, django.ErrOutcomeUnknown) {
		t.Errorf("%s: the error is of the wrong kind, or names the key", what)
	}
}

// TestMissingDirectory: without the directory no session is absent.
func TestMissingDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sessions")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	ss := open(t, settings(), dir)
	s := saved(t, ss)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for what, err := range every(t, ss, s) {
		failed(t, what, err, s.Key(), dir, "SESSION_FILE_PATH")
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for what, err := range every(t, ss, s) {
		failed(t, what, err, s.Key(), dir, "not a directory")
	}
}

// TestNotAFile: something else in a file's place is an error, and stays.
func TestNotAFile(t *testing.T) {
	dir := t.TempDir()
	ss := open(t, settings(), dir)
	s := saved(t, ss)
	path := filepath.Join(dir, "sessionid"+s.Key())
	if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
		t.Fatal(err)
	}
	errs := every(t, ss, s)
	for _, what := range []string{"load", "save", "delete"} {
		failed(t, what, errs[what], s.Key(), dir, "in the place of a file")
	}
	for _, what := range []string{"create", "clear", "check"} {
		if errs[what] != nil {
			t.Errorf("%s: %v", what, errs[what])
		}
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		t.Errorf("the directory is gone: %v", err)
	}
}

// TestOtherUsersFile: the file of another user, or one that must not be read, is an error that says
// what to do, and stays as it is.
func TestOtherUsersFile(t *testing.T) {
	dir := t.TempDir()
	ss := open(t, settings(), dir)
	s := saved(t, ss)
	path := filepath.Join(dir, "sessionid"+s.Key())
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	foreign := []string{"save"}
	if os.Chown(path, 12345, 12345) != nil { // not as root, who may read everything
		foreign = []string{"load", "save", "delete"}
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
	}
	errs := map[string]error{"save": errors.Join(s.Set("b", 2), s.Save(t.Context()))}
	if len(foreign) > 1 {
		errs = every(t, ss, s)
	}
	for _, what := range foreign {
		failed(t, what, errs[what], s.Key(), dir, "run this service as the user that Django runs as")
	}
	_ = os.Chmod(path, 0o600)
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the file has changed: %v", err)
	}
	if names, err := fs.Glob(os.DirFS(dir), ".djsession*"); err != nil || len(names) > 0 {
		t.Errorf("%d temporary files are left, %v", len(names), err)
	}
}

// TestDiskFull: a session that finds no room is not stored, and the old one is not lost.
func TestDiskFull(t *testing.T) {
	dir, ok := testenv.Disk(t, 256<<10)
	if !ok {
		return
	}
	ss := open(t, settings(), dir)
	s := saved(t, ss)
	before := time.Now()
	for i := 0; ; i++ {
		big := ss.NewSession()
		err := errors.Join(big.Set("random", noise(20_000)), big.Save(t.Context()))
		if err != nil {
			failed(t, "create", err, "sessionid", dir, "no space left on device")
			break
		}
		if i > 100 {
			t.Fatal("the disk does not get full")
		}
	}
	err := errors.Join(s.Set("random", noise(20_000)), s.Save(t.Context()))
	failed(t, "save", err, s.Key(), dir, "no space left on device")
	if time.Since(before) > 30*time.Second {
		t.Error("a full disk was retried")
	}
	loaded, err := ss.Load(t.Context(), s.Key())
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Has("random") {
		t.Error("half of a session was stored")
	}
	if names, err := fs.Glob(os.DirFS(dir), ".djsession*"); err != nil || len(names) > 0 {
		t.Errorf("%d temporary files are left, %v", len(names), err)
	}
	if err := ss.Delete(t.Context(), s.Key()); err != nil {
		t.Errorf("delete: %v", err)
	}
}

// TestHugeFile: a file that is larger than any session is not read as a whole. It stays until it is deleted.
func TestHugeFile(t *testing.T) {
	dir := t.TempDir()
	ss := open(t, settings(), dir)
	s := saved(t, ss)
	path := filepath.Join(dir, "sessionid"+s.Key())
	const size = 64 << 30
	if err := os.Truncate(path, size); err != nil {
		t.Skip(err)
	}
	if _, err := ss.Load(t.Context(), s.Key()); !errors.Is(err, django.ErrTooLarge) {
		t.Errorf("load: %v", err)
	}
	if err := errors.Join(s.Set("b", 2), s.Save(t.Context())); !errors.Is(err, django.ErrTooLarge) {
		t.Errorf("save: %v", err)
	}
	if n, err := ss.ClearExpired(t.Context()); n != 0 || err != nil {
		t.Errorf("clear: %d, %v", n, err)
	}
	for l, err := range ss.Store().(django.Lister).List(t.Context(), django.Filter{Now: ss.Now()}) {
		if err != nil || int64(l.Size) != size || !errors.Is(l.Corrupt, signing.ErrTooLarge) {
			t.Errorf("list: %d bytes, %v, %v", l.Size, l.Corrupt, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Size() != size {
		t.Errorf("the file has changed: %v", err)
	}
	if err := ss.Delete(t.Context(), s.Key()); err != nil {
		t.Errorf("delete: %v", err)
	}
}

// TestLargestFile: what is stored can be read, and what could not be read is not stored.
func TestLargestFile(t *testing.T) {
	set := settings()
	set.MaxInflated = 10_000
	ss := open(t, set, t.TempDir())
	for n, want := range map[int]error{9_000: nil, 40_000: django.ErrTooLarge} {
		s := ss.NewSession()
		err := errors.Join(s.Set("a", noise(n)), s.Save(t.Context()))
		if !errors.Is(err, want) {
			t.Errorf("%d bytes: %v", n, err)
		}
		if err == nil {
			if _, err := ss.Load(t.Context(), s.Key()); err != nil {
				t.Error(err)
			}
		}
	}
}
