package cachestore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/djsession/djsession/django"
)

// cachedVersion begins the version of a record that was read from the cache. No session's text
// begins like that.
const cachedVersion = "\x00cached\x00"

// cached returns the record of a session's copy, if there is one that can be read.
func (s *CachedDB) cached(ctx context.Context, key string) (django.Record, bool) {
	rec, err := s.copyOf(ctx, key)
	if err == nil {
		err = rec.Corrupt
	}
	if err == nil {
		rec.Version = cachedVersion + rec.Version
		return rec, true
	}
	if !errors.Is(err, django.ErrNotFound) && ctx.Err() == nil {
		s.logger.WarnContext(ctx, "session not read from the cache, but from its row", slog.Any("error", err))
	}
	return django.Record{}, false
}

// copyOf returns the record in the cache.
func (s *CachedDB) copyOf(ctx context.Context, key string) (django.Record, error) {
	ctx, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	return s.copies.Load(ctx, key, time.Time{})
}

// checkedCopies is of how many sessions Check looks for copies.
const checkedCopies = 20

// Check implements django.Checker: it checks the rows, and whether the cache answers. If none
// of the newest sessions has a copy in the cache, it logs a warning: Django may use another
// cache, or other keys in it, and would go on reading copies that are not deleted. If there are
// copies that cannot be read, that is logged too.
func (s *CachedDB) Check(ctx context.Context, now time.Time) error {
	if c, ok := s.rows.(django.Checker); ok {
		if err := c.Check(ctx, now); err != nil {
			return err
		}
	}
	short, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	if err := s.copies.Check(short, now); err != nil && !errors.Is(err, ErrCulled) {
		return fmt.Errorf("cachestore: check: the cache of cached_db: %w", err)
	}
	if _, ok := s.rows.(django.Lister); !ok {
		return nil
	}
	sessions := 0
	var unreadable error
	for l, err := range s.List(ctx, django.Filter{Now: now, Limit: checkedCopies}) {
		if err != nil {
			return err
		}
		switch rec, err := s.copyOf(ctx, l.Key); {
		case err == nil && rec.Corrupt == nil:
			return nil
		case err == nil:
			unreadable = rec.Corrupt
		case !errors.Is(err, django.ErrNotFound):
			return fmt.Errorf("cachestore: check: the cache of cached_db: %w", err)
		}
		sessions++
	}
	switch {
	case unreadable != nil && s.readThrough:
		s.logger.WarnContext(ctx, "sessions in the cache cannot be read", slog.Any("reason", unreadable))
	case unreadable == nil && sessions > 0:
		s.logger.WarnContext(ctx, "none of the newest sessions has a copy in the cache: unless Django has not used them yet, compare LOCATION, KEY_PREFIX, VERSION and KEY_FUNCTION of SESSION_CACHE_ALIAS with the cache here: Django goes on reading copies that are not deleted", slog.Int("sessions", sessions))
	}
	return nil
}
