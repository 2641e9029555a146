//go:build !linux

package testenv

import "testing"

// Disk gives a test a directory on a disk of its own, on Linux only: here the test skips.
func Disk(t *testing.T, bytes int64) (dir string, ok bool) {
	t.Helper()
	t.Skip("a disk of the test's own needs Linux")
	return "", false
}
