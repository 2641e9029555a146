package testenv

import (
	"fmt"
	"os"
	"path/filepath"
)

// workDir makes a directory that the account owns and can reach. Its path is short,
// because the paths of Unix sockets have a limit.
func workDir(parent, pattern string, owner account) (string, error) {
	if parent == "" {
		parent = os.TempDir()
		if owner.switched && !reachable(parent) {
			parent = "/tmp"
		}
	}
	if owner.switched && !reachable(parent) {
		return "", fmt.Errorf("%s cannot be entered by the user %s, as whom the server runs: give another directory, or none", parent, owner.name)
	}
	dir, err := os.MkdirTemp(parent, pattern)
	if err != nil {
		return "", err
	}
	if err := give(dir, owner); err != nil {
		_ = os.RemoveAll(dir)
		return "", fmt.Errorf("handing %s to %s: %w", dir, owner.name, err)
	}
	return dir, nil
}

// reachable reports whether every user may enter a directory.
func reachable(dir string) bool {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	for {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return true
		}
		dir = parent
	}
}
