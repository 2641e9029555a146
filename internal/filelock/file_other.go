//go:build !unix

package filelock

import "io/fs"

const nonBlock = 0

func sameOwner(fs.FileInfo, fs.FileInfo) bool { return true }
