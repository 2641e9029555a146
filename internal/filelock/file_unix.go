//go:build unix

package filelock

import (
	"io/fs"
	"syscall"
)

// nonBlock makes opening a pipe not wait for its other end.
const nonBlock = syscall.O_NONBLOCK

func sameOwner(a, b fs.FileInfo) bool {
	return a.Sys().(*syscall.Stat_t).Uid == b.Sys().(*syscall.Stat_t).Uid
}
