// Package sqldb holds what dbstore and auth/usertable share about databases: their dialects,
// errors, retries, and how they store times.
package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// DefaultMaxWait is the default of Options.MaxWait in both packages.
const DefaultMaxWait = 30 * time.Second

// Options change a default of Open.
type Options struct {
	Dialect  Dialect          // if Unknown, the driver's name decides
	Classify func(error) Kind // asked first for an error's kind; may be nil
	MaxWait  time.Duration    // how long transient errors are retried; 0 turns it off
}

// Database runs statements on a *sqlx.DB or in the caller's transaction. It is safe for
// concurrent use as far as that is.
type Database struct {
	Dialect Dialect
	InTx    bool // nothing is retried

	db       sqlx.ExtContext
	classify func(error) Kind
	maxWait  time.Duration
	writers  chan struct{} // the writers' queue, on SQLite
	resends  bool          // the driver may return driver.ErrBadConn for a statement that it has sent
}

// Open returns the database. It sends nothing to it.
func Open(db sqlx.ExtContext, o Options) (*Database, error) {
	d := &Database{Dialect: o.Dialect, db: db, classify: o.Classify, maxWait: o.MaxWait}
	// The transaction may be wrapped in another type.
	_, d.InTx = db.(interface {
		Commit() error
		Rollback() error
	})
	driver := ""
	if named, ok := db.(interface{ DriverName() string }); ok {
		driver = named.DriverName()
	}
	if d.Dialect == Unknown {
		d.Dialect = dialectOf(driver)
	}
	if pool, ok := db.(*sqlx.DB); ok && (d.Dialect == MySQL || d.Dialect == SQLite) {
		d.db = &prepared{DB: pool}
	}
	switch d.Dialect {
	case Unknown:
		return nil, fmt.Errorf("driver %q is not known: set the kind of database with WithDialect", driver)
	case PostgreSQL:
		d.resends = !strings.Contains(driver, "pgx") // lib/pq does
	case SQLite:
		if !d.InTx {
			d.writers = make(chan struct{}, 1)
		}
	}
	return d, nil
}

// Exec runs a statement and returns how many rows it wrote. If its outcome is unknown, the
// error is of [KindOutcomeUnknown].
func (db *Database) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return db.exec(ctx, false, query, args)
}

// ExecRepeatable is Exec for a statement that may run twice, such as a DELETE: it is retried
// if its outcome is unknown.
func (db *Database) ExecRepeatable(ctx context.Context, query string, args ...any) error {
	_, err := db.exec(ctx, true, query, args)
	return err
}

func (db *Database) exec(ctx context.Context, repeatable bool, query string, args []any) (n int64, err error) {
	leave, err := db.queue(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	err = db.run(ctx, repeatable, args, func() error {
		return db.bounded(ctx, func(ctx context.Context) error {
			res, err := db.db.ExecContext(ctx, query, args...)
			if err == nil {
				n, err = res.RowsAffected()
			}
			return err
		})
	})
	return n, err
}

// Row runs a query and scans its first row. It returns sql.ErrNoRows if there is none. Nobody
// else may use args meanwhile.
func (db *Database) Row(ctx context.Context, query string, args []any, into ...any) error {
	return db.Read(ctx, query, args, func(rows *sql.Rows) error {
		if !rows.Next() {
			return cmp.Or(rows.Err(), sql.ErrNoRows)
		}
		return rows.Scan(into...)
	})
}

// Read runs a query and calls read with its rows, again from the start if the query is
// retried.
func (db *Database) Read(ctx context.Context, query string, args []any, read func(*sql.Rows) error) error {
	return db.run(ctx, true, args, func() error {
		rows, err := db.db.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		if err := read(rows); err != nil {
			return err
		}
		return rows.Err()
	})
}
