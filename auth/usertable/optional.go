package usertable

import (
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/sqldb"
)

// optionalColumns are the columns that a table may lack under these names.
var optionalColumns = []string{"email", "first_name", "last_name"}

// optional reports whether the table may lack the column of this name: not one that is
// needed for something else, too.
func (o *options) optional(name string) bool {
	needed := append([]string{o.columns.Username, o.columns.Password}, o.extra...)
	return slices.Contains(optionalColumns, name) && !slices.Contains(needed, name)
}

// absent is the table that selectOptional falls back on: one row, whose columns are NULL.
func absent() string {
	return "(SELECT NULL AS " + strings.Join(optionalColumns, ", NULL AS ") + ") AS absent"
}

// selectOptional selects an optional column of the user u: NULL if the table lacks it. In
// the subquery an unqualified name is a column of the table, or else, since it may then
// come from the query around it, that of absent. So every query finds the table as it is
// at that moment: nothing has to be learnt, remembered or repeated.
func selectOptional(d sqldb.Dialect, o options, name string) string {
	id := d.QuoteColumn(o.columns.ID)
	value := "(SELECT " + d.QuoteColumn(name) + " FROM " + d.Quote(o.table) + " AS v WHERE v." + id + " = u." + id + ")"
	if d == sqldb.PostgreSQL {
		// Always of one type: a prepared statement whose types change is an error.
		value = "CAST(" + value + " AS text)"
	}
	return value
}
