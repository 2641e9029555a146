package dbstore

import (
	"cmp"
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
	batch, query := s.opts.batch, cmp.Or(s.q.clearRows, s.q.clear)
	var total int64
	for idle := 0; ; {
		args := []any{before, batch}
		if s.db.Dialect == PostgreSQL {
			args = append(args, before)
		}
		start := time.Now()
		n, err := s.db.Exec(ctx, query, args...)
		total += n
		if err != nil && query == s.q.clearRows && s.db.KindOf(err) == KindUndefined {
			query = s.q.clear
			continue
		}
		if err != nil {
			return total, s.fail("clear expired", err)
		}
		if n == 0 {
			// On PostgreSQL other writers may have prolonged or deleted the whole batch.
			if idle++; s.db.Dialect != PostgreSQL || idle == mostIdle {
				return total, nil
			}
			more, err := s.found(ctx, s.q.anyExpired, before)
			if err != nil || !more {
				return total, s.fail("clear expired", err)
			}
			continue
		}
		idle = 0
		if s.db.Dialect == SQLite && !s.opts.batchSet {
			batch = nextBatch(batch, time.Since(start))
		}
		progress(total)
	}
}

// longestClear is about how long a batch may keep other writers out of a SQLite database.
const longestClear = 500 * time.Millisecond

// mostIdle is how many batches in a row may delete nothing while there are expired rows: a
// rule or a trigger may keep them for ever.
const mostIdle = 20

// nextBatch returns how many rows to delete next, after a batch that took so long. A batch
// has fixed costs, which depend on the disk, so that large batches are faster.
func nextBatch(batch int, took time.Duration) int {
	ratio := float64(longestClear) / float64(max(took, time.Microsecond))
	return max(int(float64(batch)*min(max(ratio, 0.5), 8)), 100)
}

// CountExpired returns how many sessions expired before now.
func (s *Store) CountExpired(ctx context.Context, now time.Time) (n int64, err error) {
	err = s.db.Row(ctx, s.q.expired, []any{s.clock.Param(now)}, &n)
	return n, s.fail("count expired", err)
}
