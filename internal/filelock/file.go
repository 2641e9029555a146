package filelock

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

var (
	// ErrChanged: somebody who does not know the lock replaced or removed the file since it
	// was locked. Nothing was done.
	ErrChanged = errors.New("the file was replaced meanwhile")
	// ErrUnknown: it is unknown whether the change took effect, or whether it outlives a
	// crash of the machine.
	ErrUnknown = errors.New("it is not known whether this was stored")
	// ErrNotRegular: there is something else than a file.
	ErrNotRegular = errors.New("a directory, a device or a symbolic link is in the place of a file")
	// ErrOwner: the file belongs to another user, who could not read what replaces it.
	ErrOwner = errors.New("a file belongs to another user")
)

// File is a file that is locked itself, so that no lock file is needed. Windows cannot
// replace a file that is locked: there the directory has one lock file.
type File struct {
	Content []byte      // up to the limit
	Info    fs.FileInfo // from when it was locked
	path    string
	unlock  func()
}

// LockFile waits until no other goroutine and no other process holds the lock of the regular
// file at path, takes it, and reads up to limit bytes of the file. The error is ctx.Err() or one of the file system,
// such as fs.ErrNotExist. The caller calls Unlock.
func LockFile(ctx context.Context, path string, limit int) (*File, error) {
	if runtime.GOOS == "windows" {
		unlock, err := Lock(ctx, filepath.Join(filepath.Dir(path), Prefix+"lock"))
		if err != nil {
			return nil, err
		}
		content, info, err := Read(path, limit)
		if err != nil {
			unlock()
			return nil, err
		}
		return &File{content, info, path, unlock}, nil
	}
	for pause := pollEvery / 32; ; pause = min(2*pause, pollEvery) {
		if f, err := lockFile(path, limit); f != nil || err != nil {
			return f, err
		}
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// lockFile returns nil, nil if somebody else holds the lock, or has replaced the file.
func lockFile(path string, limit int) (*File, error) {
	f, info, err := open(path, os.O_RDWR) // on NFS, locking means writing
	if err != nil {
		return nil, err
	}
	l := &File{nil, info, path, func() { _ = f.Close() }}
	locked, err := tryLock(f)
	if err == nil && locked && l.current() {
		if l.Content, err = read(f, limit); err == nil {
			return l, nil
		}
	}
	l.unlock()
	if err != nil {
		err = withoutPath("locking a file", err)
	}
	return nil, err
}

// Read returns the content, up to limit bytes, and the properties of the regular file at path.
func Read(path string, limit int) (content []byte, info fs.FileInfo, err error) {
	f, info, err := open(path, os.O_RDONLY)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if content, err = read(f, limit); err != nil {
		return nil, nil, withoutPath("reading a file", err)
	}
	return content, info, nil
}

func read(f *os.File, limit int) ([]byte, error) { return io.ReadAll(io.LimitReader(f, int64(limit))) }

// open opens a regular file. It does not wait for the other end of a pipe, nor follow a symbolic
// link.
func open(path string, flag int) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, flag|nonBlock|noFollow, 0)
	if errors.Is(err, syscall.EISDIR) || errors.Is(err, syscall.ELOOP) {
		return nil, nil, ErrNotRegular
	}
	if err != nil {
		return nil, nil, withoutPath("opening a file", err)
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		return f, info, nil
	}
	_ = f.Close()
	return nil, nil, cmp.Or(err, ErrNotRegular)
}

// Unlock ends the lock.
func (l *File) Unlock() { l.unlock() }

// current reports whether the file is still the one that was locked.
func (l *File) current() bool {
	info, err := os.Stat(l.path)
	return err == nil && os.SameFile(info, l.Info)
}

// Replace replaces the file by one with this content, for this user only, that was modified
// then. The lock is of no use afterwards.
func (l *File) Replace(content []byte, modified time.Time) error {
	dir := filepath.Dir(l.path)
	f, err := os.CreateTemp(dir, Prefix+"*.tmp")
	if err != nil {
		return withoutPath("creating a temporary file", err)
	}
	defer os.Remove(f.Name()) // which Rename has taken away
	info, err := f.Stat()
	if err == nil && !sameOwner(info, l.Info) {
		err = ErrOwner
	}
	if err := fill(f, content, modified, err); err != nil {
		return err
	}
	if err := l.put(f.Name()); err != nil {
		return err
	}
	return flush(dir)
}

// rename puts the file temp into l's place. What somebody who does not know the lock does after
// the look at l is lost.
func (l *File) rename(temp string) error {
	if !l.current() {
		return ErrChanged
	}
	if err := os.Rename(temp, l.path); err != nil {
		return unknown("renaming a temporary file", err)
	}
	return nil
}

// Touch sets when the file was modified.
func (l *File) Touch(modified time.Time) error {
	err := os.Chtimes(l.path, time.Time{}, modified)
	if !l.current() { // nor was it, perhaps, before
		return ErrChanged
	}
	if err != nil {
		return withoutPath("setting the time of a file", err)
	}
	f, err := os.OpenFile(l.path, os.O_RDWR, 0)
	if err == nil {
		err = errors.Join(f.Sync(), f.Close())
	}
	if err != nil {
		return unknown("flushing a file to disk", err)
	}
	return nil
}

// Remove removes the file.
func (l *File) Remove() error {
	if err := l.Discard(); err != nil {
		return err
	}
	return flush(filepath.Dir(l.path))
}

// Discard removes the file, which may be back after a crash of the machine.
func (l *File) Discard() error {
	if !l.current() {
		return ErrChanged
	}
	err := os.Remove(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrChanged
	}
	if err != nil {
		return withoutPath("removing a file", err)
	}
	return nil
}

// CreateFile makes a file with this content, for this user only, that was modified then, or
// returns fs.ErrExist. Others may see it empty for a moment. Create does not have that moment,
// but needs hard links, which not all file systems have.
func CreateFile(path string, content []byte, modified time.Time) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return withoutPath("creating a file", err)
	}
	if err := fill(f, content, modified, nil); err != nil {
		if os.Remove(path) != nil {
			return fmt.Errorf("%w: %w", ErrUnknown, err)
		}
		return err
	}
	return flush(filepath.Dir(path))
}

// fill writes the new file f and closes it, unless there is an error already.
func fill(f *os.File, content []byte, modified time.Time, err error) error {
	if err == nil {
		_, err = f.Write(content)
	}
	if err == nil {
		err = os.Chtimes(f.Name(), time.Time{}, modified)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return withoutPath("writing a file", err)
	}
	return nil
}

func flush(dir string) error {
	if err := flushDirectory(dir); err != nil {
		return unknown("flushing the directory to disk", err)
	}
	return nil
}

func unknown(doing string, err error) error {
	return fmt.Errorf("%w: %w", ErrUnknown, withoutPath(doing, err))
}
