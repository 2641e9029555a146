//go:build unix

package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// filePermissions tells whether this user may make and replace files in a directory.
func filePermissions(dir string) []diagnosis {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return fail("files-permissions", fmt.Sprintf("this user may not write to %q: %v", dir, err), "run the service as the user that Django runs as")
	}
	return nil
}
