package usertable

import (
	"slices"

	"github.com/djsession/djsession/internal/sqldb"
)

// optional reports whether the table may lack the column of this name: not one that is
// needed for something else, too.
func (o *options) optional(name string) bool {
	needed := append([]string{o.columns.Username, o.columns.Password}, o.extra...)
	return slices.Contains([]string{"email", "first_name", "last_name"}, name) && !slices.Contains(needed, name)
}

// either is a query of users in two forms: for a table that has the optional columns, and
// for any table, which takes the database longer.
type either struct{ full, lacking string }

func selectEither(d sqldb.Dialect, o options, where string) either {
	return either{d.Bind(selectUser(d, o, false) + where), d.Bind(selectUser(d, o, true) + where)}
}

// ask runs the query in the form that the table needs. Once a column was missing, it is
// the second one, which is right whatever columns come and go. So it is inside the caller's
// transaction, which an error would end.
func (t *Table) ask(q either, run func(query string) error) error {
	if t.db.InTx || t.lacking.Load() {
		return run(q.lacking)
	}
	err := run(q.full)
	if err == nil || q.full == q.lacking || t.db.KindOf(err) != sqldb.KindUndefined {
		return err
	}
	t.lacking.Store(true)
	return run(q.lacking)
}

// absent is joined with the users: one row, in which every optional column is NULL.
const absent = "(SELECT NULL AS email, NULL AS first_name, NULL AS last_name) AS absent"

// selectOptional selects an optional column of the user u. In the subquery an unqualified
// name is a column of the table or, if there is none, that of absent around it. So each
// query finds the table as it is at that moment. It works for columns of any type, encrypted ones for instance, which a natural
// join would compare.
func selectOptional(d sqldb.Dialect, o options, name string) string {
	id := d.QuoteColumn(o.columns.ID)
	value := "(SELECT " + d.QuoteColumn(name) + " FROM " + d.Quote(o.table) + " AS v WHERE v." + id + " = u." + id + ")"
	if d == sqldb.PostgreSQL {
		// Always of one type: a prepared statement whose types change is an error.
		value = "CAST(" + value + " AS text)"
	}
	return value
}
