package dbstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/djsession/djsession/internal/sqldb"
)

const (
	// maxIdle is how many batches in a row may delete nothing while there are expired rows: a
	// trigger may keep them.
	maxIdle = 20

	// maxClearPause bounds the pause between two batches. Whoever waits for SQLite's lock looks
	// at least once in this time whether it is free.
	maxClearPause = 100 * time.Millisecond

	// clearTime is how long a batch is to take on SQLite, which lets in no other writer
	// meanwhile. The larger a batch, the fewer times SQLite writes each page of the index on the
	// random keys.
	clearTime = time.Second

	// maxRowIDs bounds a batch on SQLite, and maxKeys one of keys, each of which is a parameter:
	// an old SQLite takes 999.
	maxRowIDs, maxKeys = 50000, 900

	// clearAhead is how many batches are found at once. Each time the index has to be read past
	// what was deleted and is still in it.
	clearAhead = 20
)

// ClearExpired implements django.Store. It deletes in batches, so that no other writer waits
// long, and pauses between them for as long as one took, up to a tenth of a second, so that
// others get in between; see [WithBatch].
func (s *Store) ClearExpired(ctx context.Context, now time.Time) (int64, error) {
	return s.ClearExpiredProgress(ctx, now, func(int64) {})
}

// ClearExpiredProgress is ClearExpired and calls progress after each batch, with the number
// of sessions removed so far.
func (s *Store) ClearExpiredProgress(ctx context.Context, now time.Time, progress func(removed int64)) (total int64, err error) {
	c := clearing{store: s, before: s.clock.Param(now), batch: s.opts.batch, byKey: s.db.Dialect != sqldb.SQLite}
	if c.batch == 0 {
		c.batch = 100
		if !c.byKey {
			c.batch = 10000 // at first
		}
	}
	for idle := 0; idle < maxIdle; {
		n, err := c.next(ctx)
		switch {
		case err != nil:
			return total, s.fail("clear expired", err)
		case n > 0:
			idle = 0
			total += n
			progress(total)
		default:
			// Other writers may have prolonged or deleted the whole batch.
			if left, err := s.CountExpired(ctx, now); err != nil || left == 0 {
				return total, err
			}
			idle++
		}
	}
	return total, nil
}

// clearing is the state of a ClearExpired.
type clearing struct {
	store  *Store
	before any
	batch  int
	byKey  bool          // by session_key, else by SQLite's rowid
	found  []string      // expired rows, yet to be deleted
	pause  time.Duration // before the next batch
}

// next deletes a batch and returns how many rows that were. They may be none.
func (c *clearing) next(ctx context.Context) (n int64, err error) {
	if len(c.found) == 0 {
		if err := c.find(ctx); err != nil || len(c.found) == 0 {
			return 0, err
		}
	}
	if !c.store.db.InTx { // else the locks are held on
		select {
		case <-time.After(c.pause):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	some := min(c.batch, len(c.found))
	if c.byKey {
		some = min(some, maxKeys)
	}
	batch := c.found[:some]
	c.found = c.found[some:]
	query, args := c.store.q.clearRows, []any{c.before, "[" + strings.Join(batch, ",") + "]"}
	if c.byKey {
		// As many parameters for the last ones as for all others: the statement stays prepared.
		size := min(c.batch, maxKeys)
		query, args = c.store.q.clearKeys(size), args[:1]
		for i := range size {
			args = append(args, batch[min(i, some-1)])
		}
	}
	start := time.Now()
	n, err = c.store.db.Exec(ctx, query, args...)
	if !c.byKey && sqldb.KindOf(err) == sqldb.KindUndefined { // SQLite before 3.38 may lack json_each
		c.byKey, c.found = true, nil
		return c.next(ctx)
	}
	took := time.Since(start)
	c.pause = min(took, maxClearPause)
	if !c.byKey && c.store.opts.batch == 0 {
		fits := float64(c.batch) * float64(clearTime) / float64(took)
		c.batch = int(min(max(fits, 1000), 2*float64(c.batch), maxRowIDs))
	}
	return n, err
}

// find finds expired rows, so that deleting them locks no others.
func (c *clearing) find(ctx context.Context) error {
	query := c.store.q.expiredKeys
	if !c.byKey {
		query = c.store.q.expiredRows
	}
	err := c.store.db.Read(ctx, query, []any{c.before, clearAhead * c.batch}, func(rows *sql.Rows) error {
		c.found = nil
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			c.found = append(c.found, id)
		}
		return nil
	})
	if c.byKey {
		return err
	}
	if sqldb.KindOf(err) == sqldb.KindUndefined { // the table has no row ids
		c.byKey = true
		return c.find(ctx)
	}
	// In the order of the rows, so that SQLite writes each page of the table once.
	slices.SortFunc(c.found, func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
	return err
}

// CountExpired returns how many sessions expired before now.
func (s *Store) CountExpired(ctx context.Context, now time.Time) (n int64, err error) {
	err = s.db.Row(ctx, s.q.expired, []any{s.clock.Param(now)}, &n)
	return n, s.fail("count expired", err)
}
