// Package sqldb holds what dbstore and auth share about the databases that Django works
// with: their dialects, their errors and how they store times.
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// DefaultMaxWait is the MaxWait of a caller that has no reason for another.
const DefaultMaxWait = 30 * time.Second

// Options change a default of Open.
type Options struct {
	Dialect  Dialect          // if Unknown, the driver's name decides
	Classify func(error) Kind // asked first for an error's kind; may be nil
	MaxWait  time.Duration    // how long a statement with a transient error is retried; 0 is not at all
	Key      string           // the column whose duplicates are KindDuplicate
}

// Database is a *sqlx.DB, or the caller's transaction. It is safe for concurrent
// use as far as that is.
type Database struct {
	Dialect Dialect
	InTx    bool // a statement of a transaction is never repeated

	db       sqlx.ExtContext
	classify func(error) Kind
	maxWait  time.Duration
	key      string
	line     chan struct{} // of writers; nil where the database has one of its own
	loose    bool          // the driver may return driver.ErrBadConn for what it has sent
}

// Open asks nothing of the database yet.
func Open(db sqlx.ExtContext, o Options) (*Database, error) {
	d := &Database{Dialect: o.Dialect, db: db, classify: o.Classify, maxWait: o.MaxWait, key: o.Key}
	// A transaction may be wrapped in another type; its methods tell.
	_, d.InTx = db.(interface {
		Commit() error
		Rollback() error
	})
	if d.Dialect == Unknown {
		named, ok := db.(interface{ DriverName() string })
		if !ok {
			return nil, errors.New("the database has no driver name: set its kind with WithDialect")
		}
		if d.Dialect = dialectOf(named.DriverName()); d.Dialect == Unknown {
			return nil, fmt.Errorf("driver %q is not known: set the kind of database with WithDialect", named.DriverName())
		}
	}
	if pool, ok := db.(*sqlx.DB); ok && d.Dialect == MySQL {
		d.db = &prepared{DB: pool}
	}
	if d.Dialect == PostgreSQL {
		named, ok := db.(interface{ DriverName() string })
		d.loose = !ok || !strings.Contains(named.DriverName(), "pgx")
	}
	if d.Dialect == SQLite && !d.InTx {
		d.line = make(chan struct{}, 1)
	}
	return d, nil
}

// Exec runs one statement and returns how many rows it wrote. If it is not known
// whether it wrote them, the error is of [KindInDoubt].
func (db *Database) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return db.exec(ctx, false, query, args)
}

// ExecTwice is Exec for a statement that may be run twice, a DELETE for instance:
// where its outcome is not known it is run again, if the database can be reached.
func (db *Database) ExecTwice(ctx context.Context, query string, args ...any) error {
	_, err := db.exec(ctx, true, query, args)
	return err
}

func (db *Database) exec(ctx context.Context, twice bool, query string, args []any) (n int64, err error) {
	leave, err := db.standInLine(ctx)
	if err != nil {
		return 0, err
	}
	defer leave()
	err = db.run(ctx, twice, args, func(args []any) error {
		res, err := db.db.ExecContext(ctx, query, args...)
		if err == nil {
			n, err = res.RowsAffected()
		}
		return err
	})
	return n, err
}

// Row runs a query for one row and scans that; without one it is sql.ErrNoRows.
func (db *Database) Row(ctx context.Context, query string, args []any, into ...any) error {
	return db.run(ctx, true, args, func(args []any) error {
		return db.db.QueryRowxContext(ctx, query, args...).Scan(into...)
	})
}

// Rows runs a query for several rows.
func (db *Database) Rows(ctx context.Context, query string, args ...any) (rows *sql.Rows, err error) {
	err = db.run(ctx, true, args, func(args []any) error {
		rows, err = db.db.QueryContext(ctx, query, args...)
		return err
	})
	return rows, err
}

// Read runs a query for several rows and has read go through all of them, from the
// start again if the query is repeated.
func (db *Database) Read(ctx context.Context, query string, args []any, read func(*sql.Rows) error) error {
	return db.run(ctx, true, args, func(args []any) error {
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
