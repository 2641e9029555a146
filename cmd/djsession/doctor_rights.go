package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/djsession/djsession/internal/sqldb"
)

// right of a user that a statement without rows asks for. It changes nothing: the database
// checks the right before it looks for rows.
type tableRight struct{ name, statement string }

func rightsOn(dialect sqldb.Dialect, table string) []tableRight {
	quoted := dialect.Quote(table)
	return []tableRight{
		{"INSERT", "INSERT INTO " + quoted + " (session_key, session_data, expire_date) SELECT '', '', CURRENT_TIMESTAMP FROM (SELECT 1 AS one) AS none WHERE 1 = 0"},
		{"UPDATE", "UPDATE " + quoted + " SET session_data = session_data, expire_date = expire_date WHERE 1 = 0"},
		{"DELETE", "DELETE FROM " + quoted + " WHERE 1 = 0"},
	}
}

// checkRights asks for each right that the engine needs on the session table, besides SELECT,
// which the check of the table has used.
func (d *doctor) checkRights(ctx context.Context) []diagnosis {
	if !d.hasRows() {
		return inapplicable("the engine %s has no table", d.s.engine)
	}
	var missing []string
	for _, right := range rightsOn(d.s.sql.Dialect, d.s.table) {
		_, err := d.s.sql.Exec(ctx, right.statement)
		switch code := databaseCode(err); {
		case err == nil, code == "1364": // a further column has no default; see table
		case isRefused(err):
			missing = append(missing, right.name)
		case code == "25006" || code == "1290" || code == "1792" || code == "1836":
			return skip("the server takes no writes; see primary")
		case code == fmt.Sprint(sqlite3.SQLITE_READONLY), code == fmt.Sprint(sqlite3.SQLITE_CANTOPEN), code == fmt.Sprint(sqlite3.SQLITE_IOERR):
			return failLocal("sqlite-read-only", fmt.Sprintf("the SQLite file %q cannot be written: %v", d.s.url.Name, err), "let the service's user write the file and its directory, in which SQLite makes its journal; a directory that is mounted read-only in a container will not do")
		case code == fmt.Sprint(sqlite3.SQLITE_BUSY), code == fmt.Sprint(sqlite3.SQLITE_LOCKED):
			return warn("sqlite-busy", "another process is writing to the SQLite file just now", "run it again; if that stays so, a program keeps a transaction open")
		case code == "42804" || code == "42846":
			return skip("a column has another type; see table")
		default:
			return failUnexpected(err)
		}
	}
	if len(missing) > 0 {
		return d.rightMissing(ctx, strings.Join(missing, ", "), d.s.table)
	}
	if d.isSQLite() {
		if found := filePermissions(filepath.Dir(d.s.url.Name)); found != nil {
			return failLocal("sqlite-read-only", found[0].Found+", in which SQLite makes its journal", "let the service's user write the directory of the SQLite file")
		}
		return passed("the file can be written")
	}
	if d.s.sql.Dialect == sqldb.PostgreSQL && d.value(ctx, "SELECT row_security_active(to_regclass(?))::text", d.s.sql.Dialect.Quote(d.s.table)) == "true" {
		return failLocal("row-security", fmt.Sprintf("row-level security is active for user %s on table %q: it may hide sessions, and refuse new ones", d.userOf(ctx), d.s.table), "CREATE POLICY … TO "+d.userOf(ctx)+", or ALTER ROLE "+d.userOf(ctx)+" BYPASSRLS")
	}
	return passed("SELECT, INSERT, UPDATE and DELETE on %q", d.s.table)
}

// isRefused reports whether an error says that the user lacks a right on a table, a column or a
// schema.
func isRefused(err error) bool {
	code := databaseCode(err)
	return code == "42501" || code == "1142" || code == "1143"
}

// sessionRights are those that the engine needs on its table.
const sessionRights = "SELECT, INSERT, UPDATE, DELETE"

// rightMissing names rights that a user lacks on a table. A user who may not
// read the sessions probably lacks all rights on them.
func (d *doctor) rightMissing(ctx context.Context, rights, table string) []diagnosis {
	user, grant := d.userOf(ctx), rights
	if rights == "SELECT" && table == d.s.table {
		grant = sessionRights
	}
	return fail("right-missing", fmt.Sprintf("the database's user %s may not %s on table %q", user, rights, table), fmt.Sprintf("GRANT %s ON %s TO %s", grant, d.s.sql.Dialect.Quote(table), user))
}

// schemaClosed is the diagnosis for a schema that the user may not use.
func (d *doctor) schemaClosed(ctx context.Context, schema string) []diagnosis {
	user := d.userOf(ctx)
	quoted := d.s.sql.Dialect.QuoteColumn(schema)
	return fail("right-missing", fmt.Sprintf("the database's user %s may not use the schema %q, in which the session table is", user, schema),
		fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s; GRANT %s ON %s.%s TO %s", quoted, user, sessionRights, quoted, d.s.sql.Dialect.QuoteColumn(d.bareTable()), user))
}
