package cachestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/djsession/djsession/django"
)

// CachedDB is the django.Store that [NewCachedDB] opens. It is as safe for concurrent use as
// the store of the rows.
type CachedDB struct {
	rows        django.Store
	copies      *store
	wait        time.Duration
	again       time.Duration
	readThrough bool
	logger      *slog.Logger
}

var (
	_ django.Store   = (*CachedDB)(nil)
	_ django.Checker = (*CachedDB)(nil)
	_ django.Lister  = (*CachedDB)(nil)
)

// Rows returns the store of the rows, such as a *dbstore.Store, for what only that one can do.
// What is written with it leaves Django with the copy in its cache; see [CachedDB.Forget].
func (s *CachedDB) Rows() django.Store { return s.rows }

// Capabilities implements django.Store: those of the rows.
func (s *CachedDB) Capabilities() django.Capabilities { return s.rows.Capabilities() }

// Load implements django.Store.
func (s *CachedDB) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	if s.readThrough {
		if rec, ok := s.cached(ctx, key); ok {
			return rec, nil
		}
	}
	return s.rows.Load(ctx, key, now)
}

// Create implements django.Store.
func (s *CachedDB) Create(ctx context.Context, w django.Write) (django.Record, error) {
	rec, err := s.rows.Create(ctx, w)
	s.written(ctx, err, w.Key)
	return rec, err
}

// Save implements django.Store.
func (s *CachedDB) Save(ctx context.Context, old django.Record, w django.Write) (rec django.Record, err error) {
	if strings.HasPrefix(old.Version, cachedVersion) {
		// Only the row says whether another writer was faster.
		if rec, err = s.rows.Load(ctx, old.Key, time.Unix(0, 0)); err == nil {
			return rec, django.ErrConflict
		}
	} else {
		rec, err = s.rows.Save(ctx, old, w)
	}
	s.written(ctx, err, old.Key, w.Key)
	return rec, err
}

// written deletes the copies of a session after a write of its row that ended with err: one
// that may have taken effect, or found the row gone.
func (s *CachedDB) written(ctx context.Context, err error, keys ...string) {
	if err == nil || errors.Is(err, django.ErrOutcomeUnknown) || errors.Is(err, django.ErrNotFound) {
		_ = s.Forget(ctx, keys...) // which has logged the error
	}
}

// Delete implements django.Store. If the row is deleted and the copy is not, that is an error,
// as in Django: the session has not ended there. Deleting again is harmless.
func (s *CachedDB) Delete(ctx context.Context, key string) error {
	err := s.rows.Delete(ctx, key)
	forgotten := s.Forget(ctx, key)
	return cmp.Or(err, forgotten)
}

// Forget deletes the copies of sessions from the cache, so that Django reads their rows. The
// store's own methods do it. Call it after the commit of a transaction that saved or deleted
// sessions (Sessions.With), and after other writes to the table. It does not end with ctx, but
// with [WithCacheWait], and logs its error. See [WithSecondDelete].
func (s *CachedDB) Forget(ctx context.Context, keys ...string) error {
	err := s.forget(ctx, keys)
	if s.again > 0 {
		keys = slices.Clone(keys) // which are the caller's
		time.AfterFunc(s.again, func() { _ = s.forget(ctx, keys) })
	}
	return err
}

func (s *CachedDB) forget(ctx context.Context, keys []string) error {
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.wait)
	defer cancel()
	var failed error
	for i, key := range keys {
		if i > 0 && key == keys[i-1] {
			continue
		}
		failed = cmp.Or(s.copies.Delete(bounded, key), failed)
	}
	if failed == nil {
		return nil
	}
	s.logger.ErrorContext(ctx, "session not deleted from the cache: Django reads its old copy until the session is saved again or the copy expires", slog.Any("error", failed))
	return fmt.Errorf("cachestore: delete the copy in the cache: %w", failed)
}

// ClearExpired implements django.Store: the rows that have expired. Their copies expire by
// themselves.
func (s *CachedDB) ClearExpired(ctx context.Context, now time.Time) (int64, error) {
	return s.rows.ClearExpired(ctx, now)
}

// List implements django.Lister: the rows. If their store is none, the error is
// errors.ErrUnsupported.
func (s *CachedDB) List(ctx context.Context, f django.Filter) iter.Seq2[django.Listed, error] {
	if l, ok := s.rows.(django.Lister); ok {
		return l.List(ctx, f)
	}
	return func(yield func(django.Listed, error) bool) { yield(django.Listed{}, s.cannotList()) }
}

// Count implements django.Lister.
func (s *CachedDB) Count(ctx context.Context, f django.Filter) (int64, error) {
	if l, ok := s.rows.(django.Lister); ok {
		return l.Count(ctx, f)
	}
	return 0, s.cannotList()
}

func (s *CachedDB) cannotList() error {
	return fmt.Errorf("cachestore: list: %w by %T", errors.ErrUnsupported, s.rows)
}
