package dbstore

import (
	"context"
	"time"

	"github.com/djsession/djsession/internal/sqldb"
)

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
	before, batch, query := s.clock.Param(now), s.opts.batch, s.q.clear
	if batch == 0 {
		batch = 1000
		if s.db.Dialect == sqldb.SQLite {
			batch = 10000
		}
	}
	for idle := 0; idle < maxIdle; {
		args := []any{before, batch}
		if s.db.Dialect == sqldb.PostgreSQL {
			args = append(args, before)
		}
		n, err := s.db.Exec(ctx, query, args...)
		switch {
		case sqldb.KindOf(err) == sqldb.KindUndefined && s.db.Dialect == sqldb.SQLite && query == s.q.clear:
			query = s.q.clearByKey // the table has no row ids
		case err != nil:
			return total, s.fail("clear expired", err)
		case n > 0:
			idle = 0
			total += n
			progress(total)
		default:
			// On PostgreSQL other writers may have prolonged or deleted the whole batch.
			if left, err := s.CountExpired(ctx, now); err != nil || left == 0 {
				return total, err
			}
			idle++
		}
	}
	return total, nil
}

// CountExpired returns how many sessions expired before now.
func (s *Store) CountExpired(ctx context.Context, now time.Time) (n int64, err error) {
	err = s.db.Row(ctx, s.q.expired, []any{s.clock.Param(now)}, &n)
	return n, s.fail("count expired", err)
}
