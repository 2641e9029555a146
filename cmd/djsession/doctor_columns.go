package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/djsession/djsession/internal/sqldb"
)

// columnFact returns what information_schema says about a column of the session table, "" if it
// does not tell.
func (d *doctor) columnFact(ctx context.Context, column, fact string) string {
	schema, args := d.schema()
	return d.value(ctx, "SELECT "+fact+" FROM information_schema.columns WHERE table_schema = "+schema+" AND table_name = ? AND column_name = ?",
		append(args, d.bareTable(), column)...)
}

// schema returns an expression for the schema of the session table, or the database in MySQL's
// words, and its arguments.
func (d *doctor) schema() (expression string, args []any) {
	names := d.s.sql.Dialect.Names(d.s.table)
	switch {
	case d.s.sql.Dialect == sqldb.PostgreSQL:
		return "(SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(?))", []any{d.s.sql.Dialect.Quote(d.s.table)}
	case len(names) > 1:
		return "?", []any{names[len(names)-2]}
	}
	return "DATABASE()", nil
}

// checkTypes compares the lengths of the columns with what Django stores, and that of session_key
// with the setting. SQLite has no lengths.
func (d *doctor) checkTypes(ctx context.Context, _ []string) (problems []diagnosis) {
	if d.s.sql.Dialect == sqldb.SQLite {
		return nil
	}
	length := func(column string) int {
		n, _ := strconv.Atoi(d.columnFact(ctx, column, "character_maximum_length"))
		return n
	}
	place := d.place("key-length")
	switch n := length("session_key"); {
	case n > 0 && n < 32:
		problems = append(problems, failLocal("key-column-short", fmt.Sprintf("session_key has %d characters; Django's keys have 32", n), fmt.Sprintf("make the column varchar(40): ALTER TABLE %s …", d.s.table))...)
	case n > 0 && n < d.s.keyLength:
		problems = append(problems, failLocal("key-length", fmt.Sprintf("session_key has %d characters; %s is %d", n, place, d.s.keyLength), fmt.Sprintf("set %s to %d", place, n))...)
	case n > d.s.keyLength:
		problems = append(problems, warn("key-length", fmt.Sprintf("session_key has %d characters; %s is %d: longer keys count as absent", n, place, d.s.keyLength), fmt.Sprintf("set %s to %d", place, n))...)
	}
	if n := length("session_data"); n > 0 && n <= 65535 {
		problems = append(problems, failLocal("data-column-short", fmt.Sprintf("session_data holds %d characters at most: larger sessions are cut or rejected", n), fmt.Sprintf("ALTER TABLE %s: session_data is text on PostgreSQL and longtext on MySQL", d.s.table))...)
	}
	want := map[sqldb.Dialect]string{sqldb.PostgreSQL: "timestamp with time zone", sqldb.MySQL: "datetime"}[d.s.sql.Dialect]
	if got := d.columnFact(ctx, "expire_date", "data_type"); got != "" && got != want {
		status := fail
		if strings.HasPrefix(got, "time") || strings.HasPrefix(got, "date") {
			status = failLocal // it can still be compared with a time
		}
		problems = append(problems, status("expire-date-type", fmt.Sprintf("expire_date is a %s; Django makes it a %s", got, want), fmt.Sprintf("ALTER TABLE %s: expire_date is timestamptz on PostgreSQL and datetime(6) on MySQL", d.s.table))...)
	}
	return problems
}
