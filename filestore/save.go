package filestore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/filelock"
)

// Save implements django.Store.
func (s *Store) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	text := ""
	if w.Data != nil {
		var err error
		if text, err = s.encode(ctx, w.Data); err != nil {
			return django.Record{}, s.fail("save", err)
		}
	}
	var rec django.Record
	err := s.locked(ctx, old.Key, func(f *filelock.File) (err error) {
		rec, err = s.swap(ctx, f, old, w, text)
		return err
	})
	return rec, s.fail("save", err)
}

// swap replaces the session old, if f still holds it, by w, of whose data text is made.
func (s *Store) swap(ctx context.Context, f *filelock.File, old django.Record, w django.Write, text string) (django.Record, error) {
	current := string(f.Content)
	if len(current) > s.largest && current == old.Version {
		return django.Record{}, django.ErrTooLarge
	}
	if current != old.Version || w.Data == nil {
		rec, err := s.record(ctx, old.Key, current)
		if err == nil && current != old.Version {
			err = django.ErrConflict
		}
		if err != nil {
			return rec, err
		}
		w.Data = rec.Data
		if text, err = s.codec.Renew(ctx, current); err != nil {
			return django.Record{}, err
		}
	}
	if err := ctx.Err(); err != nil {
		return django.Record{}, err
	}
	modified := s.codec.FileTime(w.Data, w.Expires)
	var err error
	switch {
	case w.Key != old.Key:
		err = s.move(ctx, f, w.Key, text, modified)
	case text == current:
		err = f.Touch(modified)
	default:
		err = f.Replace([]byte(text), modified)
	}
	if err != nil {
		return django.Record{}, err
	}
	return django.Record{Key: w.Key, Version: text}, nil
}

// move stores text under another key and removes f.
func (s *Store) move(ctx context.Context, f *filelock.File, key, text string, modified time.Time) error {
	if err := s.create(ctx, key, text, modified); err != nil {
		return err
	}
	err := f.Remove()
	if err != nil && !errors.Is(err, filelock.ErrUnknown) && os.Remove(s.path(key)) != nil {
		return fmt.Errorf("%w: %w", filelock.ErrUnknown, err)
	}
	return err
}
