package filestore

import (
	"context"
	"errors"
	"iter"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/djsession/djsession/django"
)

// List implements django.Lister. Before the first session it reads all files, since the expiry
// is in them. It skips those that cannot be opened, such as other users' in the temporary
// directory, if there are others. A session with a number of seconds as its expiry is listed as
// one that has not expired, with Expires at that age.
func (s *Store) List(ctx context.Context, f django.Filter) iter.Seq2[django.Listed, error] {
	return func(yield func(django.Listed, error) bool) {
		type found struct {
			key     string
			expires time.Time
		}
		var all []found
		if err := s.each(ctx, f, func(l listed) { all = append(all, found{l.Key, l.Expires}) }); err != nil {
			yield(django.Listed{}, s.fail("list", err))
			return
		}
		slices.SortStableFunc(all, func(a, b found) int { return b.expires.Compare(a.expires) })
		n := 0
		for _, each := range all {
			l, err := s.read(ctx, each.key, f.Now)
			if errors.Is(err, django.ErrNotFound) || err == nil && l.expired != f.Expired {
				continue // it was changed meanwhile
			}
			if !yield(l.Listed, s.fail("list", err)) || err != nil {
				return
			}
			if n++; n == f.Limit {
				return
			}
		}
	}
}

// Count implements django.Lister. It reads all files.
func (s *Store) Count(ctx context.Context, f django.Filter) (n int64, err error) {
	err = s.each(ctx, f, func(listed) { n++ })
	return n, s.fail("count", err)
}

// each calls do with the sessions that f selects. Files that cannot be opened are an error only
// if there are no others.
func (s *Store) each(ctx context.Context, f django.Filter, do func(listed)) error {
	keys := []string{f.Key}
	if f.Key == "" {
		var err error
		if keys, err = s.keys(); err != nil {
			return err
		}
	}
	var failed error
	read := false
	for _, key := range keys {
		switch l, err := s.read(ctx, key, f.Now); {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, django.ErrNotFound):
		case err != nil:
			failed = err
		default:
			read = true
			if l.expired == f.Expired {
				do(l)
			}
		}
	}
	if read {
		return nil
	}
	return failed
}

// keys returns the keys of all sessions, expired or not.
func (s *Store) keys() ([]string, error) {
	names, err := s.names()
	keys := names[:0]
	for _, name := range names {
		if key, ok := strings.CutPrefix(name, s.prefix); ok && s.Possible(key) {
			keys = append(keys, key)
		}
	}
	return keys, err
}

func (s *Store) names() ([]string, error) {
	dir, err := os.Open(s.dir)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	return names, withoutPath(err)
}
