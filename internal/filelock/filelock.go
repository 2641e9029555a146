// Package filelock lets processes that share a directory take turns at its files, and writes a
// file such that readers see all of it or nothing.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// pollEvery is the longest pause between two attempts at a lock.
const pollEvery = 5 * time.Millisecond

// Lock waits until no other goroutine and no other process holds the lock at path, takes it,
// and returns the function that releases it. It creates the file if there is none, for this
// user only, and never removes it. A process that dies releases its locks. The error is
// ctx.Err(), or one of the file system.
//
// Locks are advisory: Django does not know of them.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|noFollow, 0o600)
	if err != nil {
		return nil, withoutPath("opening the lock file", err)
	}
	for pause := pollEvery / 32; ; pause = min(2*pause, pollEvery) {
		locked, err := tryLock(f)
		switch {
		case err != nil:
			_ = f.Close()
			return nil, withoutPath("locking the lock file", err)
		case locked:
			return func() { _ = f.Close() }, nil // closing releases the lock
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			_ = f.Close()
			return nil, ctx.Err()
		}
	}
}

// Replace writes data to the file at path in one step, whether or not there is one: into a
// temporary file beside it, for this user only, which is flushed to disk and renamed.
//
// visible reports whether other processes see the new content. It is true with an error if
// only flushing the directory failed, so that a crash of the machine may undo the write.
//
// Errors do not name the file.
func Replace(path string, data []byte) (visible bool, err error) {
	return write(path, data, os.Rename)
}

// Create is Replace for a new file. If there is one, it changes nothing and returns
// fs.ErrExist.
func Create(path string, data []byte) (visible bool, err error) {
	return write(path, data, os.Link)
}

// Prefix begins the names of the temporary files. One remains if the process dies.
const Prefix = ".djsession-"

func write(path string, data []byte, put func(from, to string) error) (visible bool, err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, Prefix+"*.tmp")
	if err != nil {
		return false, withoutPath("creating a temporary file", err)
	}
	defer os.Remove(f.Name()) // which Rename has taken away
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return false, withoutPath("writing a temporary file", err)
	}
	if err := put(f.Name(), path); err != nil {
		return false, withoutPath("putting a file in its place", err)
	}
	if err := flushDirectory(dir); err != nil {
		return true, withoutPath("flushing the directory to disk", err)
	}
	return true, nil
}

// withoutPath returns the system's error without the names of files, which may tell whose they
// are.
func withoutPath(doing string, err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	} else if link, ok := errors.AsType[*os.LinkError](err); ok {
		err = link.Err
	}
	return fmt.Errorf("%s: %w", doing, err)
}
