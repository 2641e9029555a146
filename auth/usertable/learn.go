package usertable

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/sqldb"
)

// find runs a query for a user. Where that fails for a column that a table may lack, it
// is run once more without.
func (t *Table) find(ctx context.Context, query func(*queries) error) error {
	q := t.without.Load()
	if q != nil {
		return query(q)
	}
	err := query(t.q)
	if err == nil || t.db.KindOf(err) != sqldb.KindUndefined {
		return err
	}
	if q = t.learn(ctx); q == nil {
		return err
	}
	if err = query(q); err == nil {
		t.without.Store(q)
	}
	return err
}

// learn asks the table for its columns, and returns the queries without those of
// Columns that may be missing and are; nil if none is.
func (t *Table) learn(ctx context.Context) *queries {
	d := t.db.Dialect
	rows, err := t.db.Rows(ctx, "SELECT * FROM "+d.Quote(t.opts.table)+" WHERE 1 = 0")
	if err != nil {
		return nil
	}
	names, err := rows.Columns()
	if errors.Join(err, rows.Close()) != nil {
		return nil
	}
	o, lacks := t.opts, false
	for column, optional := range map[*string]string{&o.columns.Email: "email", &o.columns.FirstName: "first_name", &o.columns.LastName: "last_name"} {
		if *column == optional && !slices.ContainsFunc(names, func(name string) bool { return sameColumn(d, name, optional) }) {
			*column, lacks = "", true
		}
	}
	if !lacks {
		return nil
	}
	return makeQueries(d, o, t.db.InTx)
}

// sameColumn reports whether the database takes two names for one.
func sameColumn(d sqldb.Dialect, a, b string) bool {
	return a == b || d != sqldb.PostgreSQL && strings.EqualFold(a, b)
}
