package filelock

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// directoryWait is how long put waits for the other writers of the directory. Each holds its
// lock for one exchange.
const directoryWait = 200 * time.Millisecond

// put puts the file temp into l's place. It exchanges the two, so that what was there comes out,
// and is put back if it is not l.
//
// Two that exchange files at one path could put back each other's, so they take turns. A
// process that renames does no harm: put treats it as a writer that does not know the lock.
func (l *File) put(temp string) error {
	unlock, ok := lockDirectory(filepath.Dir(temp))
	if !ok {
		return l.rename(temp)
	}
	defer unlock()
	f, err := os.Open(temp)
	if err != nil {
		return withoutPath("opening a temporary file", err)
	}
	defer f.Close()
	if _, err := tryLock(f); err != nil { // against those who meet it before it is put back
		return withoutPath("locking a temporary file", err)
	}
	switch now, err := os.Lstat(l.path); {
	case errors.Is(err, fs.ErrNotExist):
		return ErrChanged
	case err != nil || !os.SameFile(now, l.Info): // rename tells what happened
		return l.rename(temp)
	}
	err = exchange(temp, l.path, l.Info)
	if err == nil || err == ErrChanged || errors.Is(err, ErrUnknown) {
		return err
	}
	return l.rename(temp) // the file system, or a sandbox, refuses to exchange
}

// exchange puts the file temp into the place of old, which path had, and moves old to temp. If
// another file comes out, somebody has replaced old: exchange puts that back, and so on until
// what comes out is what it has put in itself, and returns ErrChanged. So it does if there is
// nothing at path. After any other error that is not ErrUnknown, nothing was done.
//
// A process that is killed before it has put back a file loses that.
func exchange(temp, path string, old fs.FileInfo) error {
	in, close, err := hold(temp)
	if err != nil {
		return err
	}
	defer close()
	var result error
	for expected := old; ; result = ErrChanged {
		switch err := renameExchange(temp, path); {
		case errors.Is(err, fs.ErrNotExist):
			return ErrChanged
		case err != nil && result == nil:
			return err
		case err != nil:
			return unknown("exchanging files", err)
		}
		out, close, err := hold(temp)
		if err != nil {
			return unknown("looking at the file that was replaced", err)
		}
		defer close()
		if os.SameFile(out, expected) {
			return result
		}
		in, expected = out, in
	}
}

// hold returns the identity of what is at path, which no other file gets until close.
func hold(path string) (info fs.FileInfo, close func(), err error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, withoutPath("opening a file", err)
	}
	f := os.NewFile(uintptr(fd), "")
	if info, err = f.Stat(); err != nil {
		_ = f.Close()
		return nil, nil, withoutPath("looking at a file", err)
	}
	return info, func() { _ = f.Close() }, nil
}

func renameExchange(temp, path string) error {
	for {
		err := unix.Renameat2(unix.AT_FDCWD, temp, unix.AT_FDCWD, path, unix.RENAME_EXCHANGE)
		if err != unix.EINTR {
			return err
		}
	}
}

// lockDirectory takes the lock of the directory itself, unless that takes too long or is
// impossible, as on a network file system.
func lockDirectory(dir string) (unlock func(), ok bool) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, false
	}
	for until := time.Now().Add(directoryWait); ; time.Sleep(directoryWait / 1000) {
		locked, err := tryLock(d)
		if locked {
			return func() { _ = d.Close() }, true
		}
		if err != nil || time.Now().After(until) {
			_ = d.Close()
			return nil, false
		}
	}
}
