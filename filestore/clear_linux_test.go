package filestore_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// TestClearOtherUsersFiles: a file that this user may read, but not change, keeps ClearExpired from
// removing no other.
func TestClearOtherUsersFiles(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make another user's file")
	}
	dir := t.TempDir()
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o777)); err != nil {
		t.Fatal(err)
	}
	ss := open(t, settings(), dir)
	for i := range 6 {
		s := saved(t, ss)
		path, old := filepath.Join(dir, "sessionid"+s.Key()), time.Now().AddDate(-1, 0, 0)
		err := os.Chtimes(path, old, old)
		if i < 3 {
			err = errors.Join(err, os.Chmod(path, 0o644))
		} else {
			err = errors.Join(err, os.Chown(path, 12345, 12345))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	runtime.LockOSThread() // which ends with this goroutine, since it is never unlocked
	if err := syscall.Setfsuid(12345); err != nil {
		t.Fatal(err)
	}
	n, err := ss.ClearExpired(t.Context())
	if err := syscall.Setfsuid(0); err != nil {
		t.Fatal(err)
	}
	if n != 3 || err != nil {
		t.Errorf("%d of 3 were removed, %v", n, err)
	}
}
