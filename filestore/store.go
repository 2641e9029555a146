package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/filelock"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

// Store is the django.Store of an [Engine]. Safe for concurrent use, by several processes too.
type Store struct {
	dir     string
	prefix  string // of the files' names
	codec   *django.Codec
	largest int // text, with room for the base64 of MaxInflated bytes
}

var (
	_ django.Store   = (*Store)(nil)
	_ django.Lister  = (*Store)(nil)
	_ django.Checker = (*Store)(nil)
)

// Capabilities implements django.Store.
func (s *Store) Capabilities() django.Capabilities {
	return django.Capabilities{Format: s.codec.Format()}
}

// Possible reports whether a file can be named after a session key: one of at least 8 characters of
// a-z and 0-9. Django makes 32.
func (s *Store) Possible(key string) bool {
	return len(key) >= 8 && len(s.prefix)+len(key) <= 255 && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// path returns the path of a possible key's file.
func (s *Store) path(key string) string { return filepath.Join(s.dir, s.prefix+key) }

// Load implements django.Store.
func (s *Store) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	l, err := s.read(ctx, key, now)
	switch {
	case err != nil:
		return django.Record{}, s.fail("load", err)
	case l.expired:
		return django.Record{}, django.ErrNotFound
	}
	return l.Record, nil
}

// listed is a session and whether it has expired.
type listed struct {
	django.Listed
	expired bool
}

// read reads the session of a file, or returns django.ErrNotFound.
func (s *Store) read(ctx context.Context, key string, now time.Time) (l listed, err error) {
	if err := ctx.Err(); err != nil || !s.Possible(key) {
		return l, absentUnless(err)
	}
	text, info, err := filelock.Read(s.path(key), s.largest+1)
	if err != nil {
		return l, s.absent(err)
	}
	if l.Record, err = s.record(ctx, key, string(text)); err != nil {
		return l, err
	}
	l.Size = int(min(info.Size(), math.MaxInt))
	l.Expires, l.expired, l.Malformed = s.codec.FileExpiry(l.Data, info.ModTime(), now)
	return l, nil
}

// record returns the record of what a file holds. An empty one holds an empty session: a
// Django has not written it yet, or could not.
func (s *Store) record(ctx context.Context, key, text string) (django.Record, error) {
	rec := django.Record{Key: key, Data: new(serializer.Dict), Version: text}
	switch {
	case text == "":
		return rec, nil
	case len(text) > s.largest: // this is not all
		rec.Corrupt = fmt.Errorf("%w: %w", django.ErrUnreadable, signing.ErrTooLarge)
		return rec, nil
	}
	return s.codec.Record(ctx, key, text)
}

// Create implements django.Store.
func (s *Store) Create(ctx context.Context, w django.Write) (django.Record, error) {
	text, err := s.encode(ctx, w.Data)
	if err == nil {
		err = s.create(ctx, w.Key, text, s.codec.FileTime(w.Data, w.Expires))
	}
	if err != nil {
		return django.Record{}, s.fail("create", err)
	}
	return django.Record{Key: w.Key, Version: text}, nil
}

// encode returns the text of a session that can be read again.
func (s *Store) encode(ctx context.Context, d *serializer.Dict) (string, error) {
	text, err := s.codec.Encode(ctx, d)
	if err == nil && len(text) > s.largest {
		err = django.ErrTooLarge
	}
	return text, err
}

func (s *Store) create(ctx context.Context, key, text string, modified time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !s.Possible(key) {
		return errors.New("no file can be named after this session key")
	}
	err := filelock.CreateFile(s.path(key), []byte(text), modified)
	if errors.Is(err, fs.ErrExist) {
		return django.ErrExists
	}
	return err
}

// Delete implements django.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	err := s.locked(ctx, key, (*filelock.File).Remove)
	if errors.Is(err, django.ErrNotFound) {
		return nil
	}
	return s.fail("delete", err)
}

// locked calls do with the locked file of a session, or returns django.ErrNotFound. If a
// Django has changed the file meanwhile, it starts again.
func (s *Store) locked(ctx context.Context, key string, do func(*filelock.File) error) error {
	for {
		if err := ctx.Err(); err != nil || !s.Possible(key) {
			return absentUnless(err)
		}
		f, err := filelock.LockFile(ctx, s.path(key), s.largest+1)
		if err != nil {
			return s.absent(err)
		}
		err = do(f)
		f.Unlock()
		if !errors.Is(err, filelock.ErrChanged) {
			return err
		}
	}
}

func absentUnless(err error) error {
	if err != nil {
		return err
	}
	return django.ErrNotFound
}

// absent makes the error that there is no file django.ErrNotFound, if the directory is there.
func (s *Store) absent(err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if info, err := os.Stat(s.dir); err != nil || !info.IsDir() {
		return fs.ErrNotExist
	}
	return django.ErrNotFound
}

// fail returns err, naming the directory, unless django knows it.
func (s *Store) fail(op string, err error) error {
	for _, known := range []error{nil, django.ErrNotFound, django.ErrConflict, django.ErrExists, django.ErrTooLarge} {
		if err == known {
			return err
		}
	}
	hint := ""
	switch {
	case errors.Is(err, filelock.ErrUnknown):
		err = fmt.Errorf("%w: %w", django.ErrOutcomeUnknown, err)
	case errors.Is(err, fs.ErrNotExist):
		hint = ": the directory must exist: create it, or correct SESSION_FILE_PATH"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, filelock.ErrOwner):
		hint = ": run this service as the user that Django runs as"
	}
	return fmt.Errorf("filestore: %s: directory %q: %w%s", op, s.dir, err, hint)
}

// writable returns an error if no file can be made in a directory.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, filelock.Prefix+"*.tmp")
	if err != nil {
		return withoutPath(err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func withoutPath(err error) error {
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		return cause.Err
	}
	return err
}
