package dbstore

import (
	"context"
	"time"
)

// ClearExpired implements django.Store. It deletes in batches, each a statement
// of its own, so that no other writer waits long.
func (s *Store) ClearExpired(ctx context.Context, now time.Time) (int64, error) {
	return s.ClearExpiredProgress(ctx, now, func(int64) {})
}

// ClearExpiredProgress is ClearExpired and calls progress with the number of
// sessions removed so far after each batch.
func (s *Store) ClearExpiredProgress(ctx context.Context, now time.Time, progress func(removed int64)) (int64, error) {
	before := s.clock.Param(now)
	args := []any{before, s.opts.batch}
	if s.db.Dialect != MySQL {
		args = append(args, before)
	}
	var total int64
	for {
		n, err := s.db.Exec(ctx, s.q.clear, args...)
		total += n
		if err != nil {
			return total, s.fail("clear expired", err)
		}
		if n == 0 {
			return total, nil
		}
		progress(total)
	}
}

// CountExpired returns how many sessions expired before now.
func (s *Store) CountExpired(ctx context.Context, now time.Time) (n int64, err error) {
	err = s.db.Row(ctx, s.q.expired, []any{s.clock.Param(now)}, &n)
	return n, s.fail("count expired", err)
}
