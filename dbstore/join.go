package dbstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// Join is a row of another table that [Store.Load] reads in the statement that reads a session.
// usertable.WithJoin is one.
type Join struct {
	// Columns are what is read, in SQL. Table is what follows LEFT JOIN: a table with an alias
	// other than s, ON, and a condition with one "?". It selects at most one row.
	Columns, Table string

	// Begin is called before a session is loaded, with the context of the load. If it returns
	// nil, the session is loaded alone. It is also called when a Save finds that another writer
	// was faster; what is stored by then is always read alone.
	Begin func(ctx context.Context, key string) *Joined
}

// Joined is one row that is read along with a session.
type Joined struct {
	// Value is that of the "?". Into is where the columns are scanned, all of them NULL if there
	// is no such row. Without Into the session is loaded alone.
	Value any
	Into  []any

	// Loaded is called with the data of a session that was found. joined says that Into was
	// filled; it is false if the session was read alone, as it is if the statement with two tables
	// failed.
	Loaded func(data *serializer.Dict, joined bool)
}

// join is a Join with its statement.
type join struct {
	Join
	query string // the value of the row, then as queries.load: data, the row's columns
}

// Join makes Load read a row of another table in db along with each session. It is an error if db
// is not what this store was opened on, if that is a transaction, or after another Join. Call it
// before the first Load.
func (s *Store) Join(db DB, j Join) error {
	a, b := reflect.ValueOf(s.source), reflect.ValueOf(db)
	switch {
	case !a.Comparable() || !b.Comparable() || !a.Equal(b):
		return errors.New("the sessions are in another database: hand the same *sqlx.DB to both")
	case s.db.InTx:
		return errors.New("the sessions are in a transaction")
	}
	query := s.db.Dialect.Bind(fmt.Sprintf("SELECT s.session_data, %s FROM %s AS s LEFT JOIN %s WHERE %s AND s.expire_date > ?",
		j.Columns, s.q.table, j.Table, exactly(s.db.Dialect, "s.session_key")))
	if !s.join.CompareAndSwap(nil, &join{j, query}) {
		return errors.New("another table was joined to these sessions before")
	}
	return nil
}

// loadRow scans the data of the session that expires after now, and the row that is read along
// with it; that has no Into if it was not.
func (s *Store) loadRow(ctx context.Context, key string, now time.Time, data *sql.NullString) (row *Joined, err error) {
	params := s.exactly(key, s.clock.Param(now))
	if j := s.join.Load(); j != nil {
		row = j.Begin(ctx, key)
		if row != nil && row.Into != nil {
			err = s.db.Row(ctx, j.query, append([]any{row.Value}, params...), append([]any{data}, row.Into...)...)
			if err == nil || ctx.Err() != nil {
				return row, err
			}
			// The other table may be what failed. Vitess 24 also has queries of two tables that
			// find no row, once they are prepared.
			row.Into = nil
		}
	}
	return row, s.db.Row(ctx, s.q.load, params, data)
}

// readAlone tells the Join of a session that was read without the row.
func (s *Store) readAlone(ctx context.Context, rec django.Record) {
	if j := s.join.Load(); j != nil {
		if row := j.Begin(ctx, rec.Key); row != nil {
			row.Loaded(rec.Data, false)
		}
	}
}
