package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/jmoiron/sqlx"
)

// Statement is one of those that [Database.ExecTogether] runs.
type Statement struct {
	Query string
	Args  []any
}

// commitError is the error of a COMMIT, which leaves open whether the transaction took effect,
// or on a sharded database which part of it.
type commitError struct{ error }

// Unwrap returns the driver's error.
func (e commitError) Unwrap() error { return e.error }

var errNoTransaction = errors.New("this needs a transaction: pass a *sqlx.DB or a *sqlx.Tx")

// ExecTogether runs statements in this order in one transaction, in the caller's with a
// savepoint. If one of them writes no row, none takes effect, and it returns false. The error of a
// COMMIT is of [KindOutcomeUnknown]; with any other error nothing took effect.
func (db *Database) ExecTogether(ctx context.Context, statements ...Statement) (all bool, err error) {
	leave, err := db.queue(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	var args []any
	for _, s := range statements {
		args = append(args, s.Args...)
	}
	rest := args // run watches the arguments that are sent
	for i, s := range statements {
		statements[i].Args, rest = rest[:len(s.Args)], rest[len(s.Args):]
	}
	err = db.run(ctx, true, args, func() error {
		return db.bounded(ctx, func(ctx context.Context) error {
			all, err = db.execTogether(ctx, statements)
			return err
		})
	})
	return all, err
}

func (db *Database) execTogether(ctx context.Context, statements []Statement) (all bool, err error) {
	var (
		tx                      sqlx.ExecerContext = db.db
		conn                    *sql.Conn
		ended                   bool
		begin, commit, rollback = "SAVEPOINT djsession", "RELEASE SAVEPOINT djsession", "ROLLBACK TO SAVEPOINT djsession"
	)
	if !db.InTx {
		pool, ok := db.db.(interface {
			Conn(context.Context) (*sql.Conn, error)
		})
		if !ok {
			return false, errNoTransaction
		}
		if conn, err = pool.Conn(ctx); err != nil {
			return false, err
		}
		defer func() {
			if !ended { // also by a panic, of an argument's Value say: the transaction ends with its connection
				_ = conn.Raw(func(any) error { return driver.ErrBadConn })
			}
			_ = conn.Close()
		}()
		// Not a sql.Tx: MySQL's driver commits and rolls back without the context.
		tx, begin, commit, rollback = conn, "BEGIN", "COMMIT", "ROLLBACK"
	}
	if _, err := tx.ExecContext(ctx, begin); err != nil {
		if errors.Is(err, driver.ErrBadConn) { // which database/sql does not retry on a sql.Conn
			err = fmt.Errorf("%w: %w", io.EOF, err)
		}
		return false, err
	}
	if all, err = execAll(ctx, tx, statements); all {
		if _, err = tx.ExecContext(ctx, commit); err == nil {
			ended = true
			return true, nil
		}
		err = commitError{err}
	}
	_, failed := tx.ExecContext(ctx, rollback)
	if ended = failed == nil; !ended && conn == nil {
		return false, cmp.Or(err, failed)
	}
	return false, err
}

// execAll runs statements until one fails or writes no row, and reports whether all wrote one.
func execAll(ctx context.Context, tx sqlx.ExecerContext, statements []Statement) (bool, error) {
	for _, s := range statements {
		res, err := tx.ExecContext(ctx, s.Query, s.Args...)
		if err != nil {
			return false, err
		}
		if n, err := res.RowsAffected(); n == 0 || err != nil {
			return false, err
		}
	}
	return ctx.Err() == nil, ctx.Err()
}
