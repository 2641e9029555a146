package testenv

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestDiskGetsFull(t *testing.T) {
	dir, ok := Disk(t, 64<<10)
	if !ok {
		if _, err := os.Stat(filepath.Join(os.TempDir(), t.Name())); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the disk is seen from outside: %v", err)
		}
		return
	}
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, make([]byte, 128<<10), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("writing more than the disk holds: %v", err)
	}
	if err := os.WriteFile(path, make([]byte, 32<<10), 0o600); err != nil {
		t.Errorf("writing half of what the disk holds: %v", err)
	}
}
