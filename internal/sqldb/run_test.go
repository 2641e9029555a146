package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jmoiron/sqlx"
)

// answering is a pool whose statements get their errors from a function.
type answering struct {
	sqlx.ExtContext
	answer func() error
	open   int
}

func (a answering) ExecContext(context.Context, string, ...any) (sql.Result, error) {
	return nil, a.answer()
}

func (a answering) Stats() sql.DBStats { return sql.DBStats{OpenConnections: a.open} }

// TestAttempts: transient errors are retried with growing pauses. SQLite has no queue, so
// there the pauses stay short.
func TestAttempts(t *testing.T) {
	for name, c := range map[string]struct {
		dialect       Dialect
		err           error
		least, atMost int
	}{
		"PostgreSQL locked":               {PostgreSQL, state("55P03"), 10, 30},
		"PostgreSQL too many connections": {PostgreSQL, state("53300"), 10, 30},
		"MySQL deadlock":                  {MySQL, number(1213, "Deadlock found"), 10, 30},
		"MySQL too many connections":      {MySQL, number(1040, "Too many connections"), 10, 30},
		"SQLite busy":                     {SQLite, sqliteError{5, "database is locked"}, 500, 5000},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				db := &Database{Dialect: c.dialect, maxWait: 2 * time.Second, db: answering{answer: func() error { attempts++; return c.err }}}
				start := time.Now()
				_, err := db.Exec(t.Context(), "UPDATE", "a")
				if !errors.Is(err, c.err) || time.Since(start) != 2*time.Second {
					t.Errorf("after %v: %v", time.Since(start), err)
				}
				if attempts < c.least || attempts > c.atMost {
					t.Errorf("%d attempts within 2 seconds, want %d to %d", attempts, c.least, c.atMost)
				}
			})
		})
	}
}

// TestStale: each connection of the pool may reject a statement once because of what it has
// prepared, and the retry needs no pause. Further rejections are an error.
func TestStale(t *testing.T) {
	const pooled = 7
	for name, c := range map[string]struct {
		dialect Dialect
		err     error
	}{
		"cached plan":        {PostgreSQL, &pgconn.PgError{Code: "0A000", Message: "cached plan must not change result type"}},
		"translated message": {PostgreSQL, &pgconn.PgError{Code: "0A000", Routine: "RevalidateCachedQuery"}},
		"unknown statement":  {PostgreSQL, state("26000")},
		"known statement":    {PostgreSQL, state("42P05")},
		"MySQL re-prepare":   {MySQL, number(1615, "Prepared statement needs to be re-prepared")},
		"SQLite new columns": {SQLite, sqliteError{17, "database schema has changed"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, stale := range []int{0, 1, pooled, 1000} {
					attempts := 0
					db := &Database{Dialect: c.dialect, maxWait: time.Minute, db: answering{open: pooled, answer: func() error {
						if attempts++; attempts <= stale {
							return c.err
						}
						return errors.New("answered")
					}}}
					start := time.Now()
					_, err := db.Exec(t.Context(), "UPDATE", "a")
					if time.Since(start) != 0 {
						t.Errorf("with %d stale connections: %v of pauses", stale, time.Since(start))
					}
					if stale > pooled {
						if !errors.Is(err, c.err) || attempts > pooled+2 {
							t.Errorf("repeated rejections: %v after %d attempts", err, attempts)
						}
					} else if errors.Is(err, c.err) || attempts != stale+1 {
						t.Errorf("with %d stale connections: %v after %d attempts", stale, err, attempts)
					}
				}
				db := &Database{Dialect: c.dialect, InTx: true, maxWait: time.Minute, db: answering{open: pooled, answer: func() error { return c.err }}}
				if _, err := db.Exec(t.Context(), "UPDATE", "a"); !errors.Is(err, c.err) {
					t.Errorf("in a transaction: %v", err)
				}
			})
		})
	}
}

// TestUnsupported: a statement that PostgreSQL does not support is not retried.
func TestUnsupported(t *testing.T) {
	attempts := 0
	unsupported := &pgconn.PgError{Code: "0A000", Message: "INSERT with ON CONFLICT clause cannot be used with table that has INSERT or UPDATE rules"}
	db := &Database{Dialect: PostgreSQL, maxWait: time.Minute, db: answering{open: 7, answer: func() error { attempts++; return unsupported }}}
	if _, err := db.Exec(t.Context(), "INSERT", "a"); attempts != 1 || !errors.Is(err, unsupported) {
		t.Errorf("after %d attempts: %v", attempts, err)
	}
}

// TestFailover: a read and a repeatable write are retried while Vitess replaces a primary; another
// write may have taken effect.
func TestFailover(t *testing.T) {
	for _, failed := range []error{
		number(1105, "target: site.-80.primary: primary is not serving, there may be a reparent operation in progress"),
		number(1105, "target: site.-80.primary: current keyspace is being resharded"),
		number(1105, "target: site.-80.primary: no healthy tablet available for 'keyspace:\"site\" shard:\"-80\" tablet_type:PRIMARY'"),
		number(1105, "target: site.-80.primary: vttablet: rpc error: code = Unavailable desc = error reading from server: EOF"),
		number(1815, "target: site.-80.primary: vttablet: connection pool is closed"),
	} {
		synctest.Test(t, func(t *testing.T) {
			attempts := 0
			db := &Database{Dialect: MySQL, maxWait: time.Minute, db: sending{answering{answer: func() error {
				if attempts++; attempts > 3 {
					return nil
				}
				return failed
			}}}}
			if err := db.ExecRepeatable(t.Context(), "DELETE", "a"); err != nil || attempts != 4 {
				t.Errorf("a repeatable write: %v after %d attempts", err, attempts)
			}
			attempts = 0
			if _, err := db.Exec(t.Context(), "UPDATE", "a"); KindOf(err) != KindOutcomeUnknown || attempts != 1 {
				t.Errorf("a write: %v, kind %d, after %d attempts", err, KindOf(err), attempts)
			}
		})
	}
}

// TestAnswerAfterMaxWait: an answer that comes when the time is over counts as what it says.
func TestAnswerAfterMaxWait(t *testing.T) {
	for want, failed := range map[Kind]error{KindDuplicate: number(1062, "Duplicate entry"), KindOutcomeUnknown: context.DeadlineExceeded} {
		synctest.Test(t, func(t *testing.T) {
			db := &Database{Dialect: MySQL, maxWait: time.Second, db: sending{answering{answer: func() error {
				time.Sleep(2 * time.Second)
				return failed
			}}}}
			if _, err := db.Exec(t.Context(), "INSERT", "a"); KindOf(err) != want || !errors.Is(err, failed) {
				t.Errorf("%v, kind %d, want %d", err, KindOf(err), want)
			}
		})
	}
}

// sending is an answering whose driver has the arguments.
type sending struct{ answering }

func (s sending) ExecContext(_ context.Context, _ string, args ...any) (sql.Result, error) {
	if _, err := args[0].(driver.Valuer).Value(); err != nil {
		return nil, err
	}
	return driver.RowsAffected(1), s.answer()
}

// TestPoolerAdvice: if a pooler mixes up prepared statements, the error says what to set.
func TestPoolerAdvice(t *testing.T) {
	for code, want := range map[string]bool{"26000": true, "42P05": true, "42P01": false} {
		for _, inTx := range []bool{false, true} {
			db := &Database{Dialect: PostgreSQL, InTx: inTx, db: answering{answer: func() error { return state(code) }}}
			_, err := db.Exec(t.Context(), "UPDATE", "a")
			if got := codeOf(err).state; got != code || strings.Contains(err.Error(), "default_query_exec_mode=exec") != want {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
}

// TestContextEndsWhileRefused: the error wraps both the context's error and the database's,
// and has the kind of the database's: nothing was written.
func TestContextEndsWhileRefused(t *testing.T) {
	for name, c := range map[string]struct {
		dialect Dialect
		err     error
	}{
		"PostgreSQL": {PostgreSQL, state("55P03")},
		"MySQL":      {MySQL, number(1213, "Deadlock found")},
		"SQLite":     {SQLite, sqliteError{5, "database is locked"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := &Database{Dialect: c.dialect, maxWait: time.Hour, db: answering{answer: func() error { return c.err }}}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, err := db.Exec(ctx, "UPDATE", "a")
				if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, c.err) || KindOf(err) != KindTransient {
					t.Errorf("%v, of kind %d", err, KindOf(err))
				}
			})
		})
	}
}
