package usertable

import (
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/sqldb"
)

// optional reports whether the table may lack the column of this name: not one that is
// needed for something else, too.
func (o *options) optional(name string) bool {
	needed := append([]string{o.columns.Username, o.columns.Password}, o.extra...)
	return slices.Contains([]string{"email", "first_name", "last_name"}, name) && !slices.Contains(needed, name)
}

// joinAbsent joins the users with one row in which every optional column is NULL, if there
// are any. A natural left join leaves each user one row, since NULL equals nothing. In it an
// unqualified name is the user's column, or else that of the joined row. So each query finds
// the table as it is at that moment: nothing has to be learnt, remembered or repeated.
func joinAbsent(d sqldb.Dialect, o options) string {
	var nulls []string
	for _, name := range []string{o.columns.Email, o.columns.FirstName, o.columns.LastName} {
		if null := "NULL AS " + d.QuoteColumn(name); o.optional(name) && !slices.Contains(nulls, null) {
			nulls = append(nulls, null)
		}
	}
	if nulls == nil {
		return ""
	}
	return " NATURAL LEFT JOIN (SELECT " + strings.Join(nulls, ", ") + ") AS absent"
}

// selectOptional selects a column of joinAbsent's.
func selectOptional(d sqldb.Dialect, name string) string {
	if d == sqldb.PostgreSQL {
		// Always of one type: a prepared statement whose types change is an error.
		return "CAST(" + d.QuoteColumn(name) + " AS text)"
	}
	return d.QuoteColumn(name)
}
