package cachestore

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/djsession/djsession/django"
)

// lister is a store whose cache can list its keys.
type lister struct {
	*store
	scanner Scanner
}

// errForever is why a session counts as malformed that Django has not written.
var errForever = errors.New("cachestore: the key does not expire, which Django does not write")

// List implements django.Lister. It reads all keys of sessions first, about 100 bytes of
// memory for each, to sort them, and then one session at a time. It finds no expired sessions:
// the cache has removed them.
func (s *lister) List(ctx context.Context, f django.Filter) iter.Seq2[django.Listed, error] {
	return func(yield func(django.Listed, error) bool) {
		found, err := s.find(ctx, f, 0)
		if err != nil {
			yield(django.Listed{}, err)
			return
		}
		left := f.Limit
		for _, at := range found {
			l, err := s.listed(ctx, at, f.Now)
			if errors.Is(err, django.ErrNotFound) {
				continue // meanwhile
			}
			if err != nil {
				yield(django.Listed{}, err)
				return
			}
			if left--; !yield(l, nil) || left == 0 {
				return
			}
		}
	}
}

// Count implements django.Lister.
func (s *lister) Count(ctx context.Context, f django.Filter) (int64, error) {
	found, err := s.find(ctx, f, 0)
	return int64(len(found)), err
}

// find returns the sessions that f selects, by their keys, those that expire last first. If
// limit is not 0, it stops after so many.
func (s *lister) find(ctx context.Context, f django.Filter, limit int) ([]Scanned, error) {
	if f.Expired || f.Key != "" && !s.opts.possible(f.Key) {
		return nil, ctx.Err()
	}
	prefix, err := s.opts.keyPrefix()
	if err != nil {
		return nil, err
	}
	if f.Key != "" {
		// Looking for what is not there would take all keys.
		if _, err := s.cache.Get(ctx, s.opts.fullKey(f.Key)); errors.Is(err, django.ErrNotFound) {
			return nil, nil
		}
		limit = 1
	}
	var all []Scanned
	for at, err := range s.scanner.Scan(ctx, prefix+f.Key) {
		if err != nil {
			return all, err
		}
		at.Key = strings.TrimPrefix(at.Key, prefix)
		if !s.opts.possible(at.Key) || prefix == "" && !usual(at.Key) || f.Key != "" && at.Key != f.Key {
			continue
		}
		if all = append(all, at); len(all) == limit {
			break
		}
	}
	slices.SortFunc(all, func(a, b Scanned) int { return strings.Compare(a.Key, b.Key) })
	all = slices.CompactFunc(all, func(a, b Scanned) bool { return a.Key == b.Key })
	slices.SortStableFunc(all, func(a, b Scanned) int { return cmp.Compare(uint64(b.Age), uint64(a.Age)) }) // negative ones first
	return all, nil
}

// listed returns a session that was found.
func (s *lister) listed(ctx context.Context, at Scanned, now time.Time) (django.Listed, error) {
	rec, err := s.Load(ctx, at.Key, now)
	if err != nil {
		return django.Listed{}, err
	}
	l := django.Listed{Record: rec, Size: len(itemOf(rec.Version).Value)}
	if at.Age < 0 {
		l.Malformed = errForever
	} else {
		l.Expires = now.Add(at.Age).UTC()
	}
	return l, nil
}
