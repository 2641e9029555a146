package filestore

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/filelock"
	"github.com/djsession/djsession/signing"
)

// ClearExpired implements django.Store. It also removes the temporary files of processes that
// died, a day later. It leaves files alone that this user may not change, and sessions larger than
// Settings.MaxInflated, whose expiry is unknown. Django's clear_expired.
func (s *Store) ClearExpired(ctx context.Context, now time.Time) (n int64, err error) {
	var expired []string
	err = s.each(ctx, django.Filter{Now: now, Expired: true}, func(l listed) {
		if !errors.Is(l.Corrupt, signing.ErrTooLarge) {
			expired = append(expired, l.Key)
		}
	})
	if err != nil {
		return 0, s.fail("clear expired", err)
	}
	for _, key := range expired {
		discardErr := s.locked(ctx, key, func(f *filelock.File) error {
			if l, err := s.read(ctx, key, now); err != nil || !l.expired {
				return err // it was saved meanwhile
			}
			err := f.Discard()
			if err == nil {
				n++
			}
			return err
		})
		switch {
		case ctx.Err() != nil:
			return n, s.fail("clear expired", ctx.Err())
		case errors.Is(discardErr, django.ErrNotFound), errors.Is(discardErr, fs.ErrPermission):
		case err == nil:
			err = discardErr
		}
	}
	return n, s.fail("clear expired", cmp.Or(err, s.clearTemporary()))
}

func (s *Store) clearTemporary() error {
	names, err := s.names()
	for _, name := range names {
		path := filepath.Join(s.dir, name)
		if !strings.HasPrefix(name, filelock.Prefix) || !strings.HasSuffix(name, ".tmp") {
			continue
		}
		if info, err := os.Lstat(path); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.Remove(path) // unless it is another user's
		}
	}
	return err
}
