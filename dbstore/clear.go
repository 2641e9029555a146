package dbstore

import (
	"context"
	"time"

	"github.com/djsession/djsession/internal/sqldb"
)

// clearTime is about how long a batch may keep other writers out of a SQLite database.
const clearTime = 500 * time.Millisecond

// maxIdle is how many batches in a row may delete nothing while there are expired rows: a
// trigger may keep them.
const maxIdle = 20

// ClearExpired implements django.Store. It deletes in batches, so that no other writer waits
// long; see [WithBatch].
func (s *Store) ClearExpired(ctx context.Context, now time.Time) (int64, error) {
	return s.ClearExpiredProgress(ctx, now, func(int64) {})
}

// ClearExpiredProgress is ClearExpired and calls progress after each batch, with the number
// of sessions removed so far.
func (s *Store) ClearExpiredProgress(ctx context.Context, now time.Time, progress func(removed int64)) (total int64, err error) {
	before := s.clock.Param(now)
	batch := s.opts.batch
	for idle := 0; idle < maxIdle; {
		args := []any{before, batch}
		if s.db.Dialect == sqldb.PostgreSQL {
			args = append(args, before)
		}
		start := time.Now()
		n, err := s.db.Exec(ctx, s.q.clear, args...)
		if err != nil {
			return total, s.fail("clear expired", err)
		}
		if n == 0 {
			// On PostgreSQL other writers may have prolonged or deleted the whole batch.
			if more, err := s.found(ctx, s.q.anyExpired, before); err != nil || !more {
				return total, s.fail("clear expired", err)
			}
			idle++
			continue
		}
		idle = 0
		total += n
		progress(total)
		if s.db.Dialect == sqldb.SQLite && !s.opts.batchSet {
			batch = nextBatch(batch, time.Since(start))
		}
	}
	return total, nil
}

// nextBatch returns how many rows to delete next, after a batch that took so long. A batch has
// fixed costs, so larger ones are faster.
func nextBatch(batch int, took time.Duration) int {
	ratio := float64(clearTime) / float64(max(took, time.Microsecond))
	return max(int(float64(batch)*min(max(ratio, 0.5), 8)), 100)
}

// CountExpired returns how many sessions expired before now.
func (s *Store) CountExpired(ctx context.Context, now time.Time) (n int64, err error) {
	err = s.db.Row(ctx, s.q.expired, []any{s.clock.Param(now)}, &n)
	return n, s.fail("count expired", err)
}
