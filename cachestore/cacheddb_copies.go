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
	item, err := s.copyOf(ctx, key)
	if err == nil {
		var rec django.Record
		if rec.Data, err = s.opts.encoding.Decode(ctx, item, s.max); err == nil {
			rec.Key, rec.Version = key, cachedVersion+versionOf(item)
			return rec, true
		}
		err = fmt.Errorf("compare the cache's serializer and compressor with WithEncoding: %w", err)
	}
	if !errors.Is(err, django.ErrNotFound) && ctx.Err() == nil {
		s.logger.WarnContext(ctx, "session not read from the cache, but from its row", slog.Any("error", err))
	}
	return django.Record{}, false
}

// copyOf returns the item of a session's copy.
func (s *CachedDB) copyOf(ctx context.Context, key string) (Item, error) {
	ctx, cancel := context.WithTimeout(ctx, s.opts.wait)
	defer cancel()
	return s.cache.Get(ctx, s.opts.fullKey(key))
}

// checkedCopies is of how many sessions Check looks for copies.
const checkedCopies = 20

// Check implements django.Checker: it checks the rows, and that the cache answers. If none of
// the newest sessions has a copy in the cache, it logs a warning: Django may use another cache,
// or other keys in it, and would go on reading copies that nobody deletes.
func (s *CachedDB) Check(ctx context.Context, now time.Time) error {
	if c, ok := s.rows.(django.Checker); ok {
		if err := c.Check(ctx, now); err != nil {
			return err
		}
	}
	if _, err := s.copyOf(ctx, "check"); err != nil && !errors.Is(err, django.ErrNotFound) {
		return fmt.Errorf("cachestore: check: the cache does not answer: %w", err)
	}
	if _, ok := s.rows.(django.Lister); !ok {
		return nil
	}
	sessions := 0
	for l, err := range s.List(ctx, django.Filter{Now: now, Limit: checkedCopies}) {
		if err != nil {
			return err
		}
		switch _, err := s.copyOf(ctx, l.Key); {
		case err == nil:
			return nil
		case !errors.Is(err, django.ErrNotFound):
			return fmt.Errorf("cachestore: check: the cache does not answer: %w", err)
		}
		sessions++
	}
	if sessions > 0 {
		s.logger.WarnContext(ctx, "none of the newest sessions has a copy in the cache: if Django has been using them, compare LOCATION, KEY_PREFIX, VERSION and KEY_FUNCTION of SESSION_CACHE_ALIAS with the cache here, since Django would go on reading copies that are not deleted", slog.Int("sessions", sessions))
	}
	return nil
}
