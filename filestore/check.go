package filestore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/signing"
)

// sampleFiles is how many sessions Check reads.
const sampleFiles = 20

// Check implements django.Checker. It returns an error if the directory is missing or cannot be
// written to, or if none of the newest sessions can be read.
func (s *Store) Check(ctx context.Context, now time.Time) error {
	if err := writable(s.dir); err != nil {
		return s.fail("check", err)
	}
	keys, err := s.newest()
	if err != nil {
		return s.fail("check", err)
	}
	var unreadable error
	seen := 0
	for _, key := range keys {
		l, err := s.read(ctx, key, now)
		if errors.Is(err, django.ErrNotFound) || err == nil && l.expired {
			continue
		}
		if err == nil {
			err = l.Corrupt
		}
		if err == nil || errors.Is(err, signing.ErrTooLarge) || ctx.Err() != nil {
			return ctx.Err()
		}
		unreadable = err
		if seen++; seen == sampleFiles {
			break
		}
	}
	if errors.Is(unreadable, django.ErrCorrupt) || errors.Is(unreadable, django.ErrUnreadable) {
		unreadable = fmt.Errorf("the newest sessions cannot be read: compare SECRET_KEY, SECRET_KEY_FALLBACKS, SESSION_ENGINE, SessionStoreClass, SESSION_SERIALIZER, DjangoVersion and ReadOlderFormats with the site's settings: %w", unreadable)
	}
	return s.fail("check", unreadable)
}

// newest returns the keys of all sessions, the one that was modified last first.
func (s *Store) newest() ([]string, error) {
	type file struct {
		key      string
		modified time.Time
	}
	keys, err := s.keys()
	files := make([]file, 0, len(keys))
	for _, key := range keys {
		if info, err := os.Lstat(s.path(key)); err == nil {
			files = append(files, file{key, info.ModTime()})
		}
	}
	slices.SortFunc(files, func(a, b file) int { return b.modified.Compare(a.modified) })
	for i, f := range files {
		keys[i] = f.key
	}
	return keys[:len(files)], err
}
