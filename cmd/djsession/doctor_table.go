package main

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/sqldb"
)

// hasRows reports whether the sessions are rows of a table.
func (d *doctor) hasRows() bool { return d.s.engine == "db" || d.s.engine == "cached_db" }

// checkTable looks at the session table: its columns, keys and indexes.
func (d *doctor) checkTable(ctx context.Context) []diagnosis {
	if !d.hasRows() {
		return inapplicable("the engine %s has no table", d.s.engine)
	}
	if _, err := d.s.tableOptions(); err != nil {
		return fail("settings-invalid", err.Error(), "correct the setting")
	}
	columns, err := d.columns(ctx, d.s.table)
	if isRefused(err) {
		if names := d.s.sql.Dialect.Names(d.s.table); len(names) > 1 && d.closedSchema(ctx) == names[0] {
			return d.schemaClosed(ctx, names[0])
		}
		return d.rightMissing(ctx, "SELECT", d.s.table)
	}
	if isUndefined(err) {
		return d.missingTable(ctx)
	}
	if err != nil {
		return failUnexpected(err)
	}
	var missing []string
	for _, name := range []string{"session_key", "session_data", "expire_date"} {
		if !slices.ContainsFunc(columns, func(c string) bool { return strings.EqualFold(c, name) }) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fail("table-columns", fmt.Sprintf("table %q has no column %s: it is not a session table of Django's", d.s.table, strings.Join(missing, ", ")), "name the table of the session model (db_table) in "+d.place("table"))
	}
	var problems []diagnosis
	for _, check := range []func(context.Context, []string) []diagnosis{d.checkUnique, d.checkIndex, d.checkTypes, d.checkExtraColumns} {
		problems = append(problems, check(ctx, columns)...)
	}
	return orRight(problems, "%q with %s, a key and an index", d.s.table, count(len(columns), "column"))
}

// bareTable returns the name of the session table without its schema and quotes.
func (d *doctor) bareTable() string {
	names := d.s.sql.Dialect.Names(d.s.table)
	return names[len(names)-1]
}

// columns returns the columns of a table.
func (d *doctor) columns(ctx context.Context, table string) ([]string, error) {
	return columnNames(ctx, d.s.sql, table)
}

// isUndefined reports whether an error says that there is no such table.
func isUndefined(err error) bool {
	return err != nil && (sqldb.KindOf(err) == sqldb.KindUndefined || sqldb.RefusesName(err))
}

// exists reports whether there is a table that can be read.
func (d *doctor) exists(ctx context.Context, table string) bool {
	_, err := d.columns(ctx, table)
	return err == nil
}

// missingTable tells why there is no session table.
func (d *doctor) missingTable(ctx context.Context) []diagnosis {
	if schema := d.closedSchema(ctx); schema != "" {
		return d.schemaClosed(ctx, schema)
	}
	others := d.sessionTables(ctx)
	database := "that " + d.place("database-url") + " names"
	switch {
	case len(others) > 0 && strings.HasSuffix(others[0], "."+d.s.table):
		return fail("search-path", fmt.Sprintf("the table is there as %s, in a schema that this connection does not search", others[0]), "set search_path as the site does, with ?currentSchema= in "+d.place("database-url")+", or set "+d.place("table")+" to "+others[0])
	case len(others) > 0 && modelOf(others[0]) != "":
		return fail("table-renamed", fmt.Sprintf("there is no table %q, but %s: the site has the session model of another package", d.s.table, others[0]), "set "+d.place("session-model")+" to "+modelOf(others[0])+", and SESSION_ENGINE to that of the package")
	case len(others) > 0:
		return fail("table-renamed", fmt.Sprintf("there is no table %q, but %s has the columns of one: the site has a session model of its own", d.s.table, strings.Join(others, ", ")), "set "+d.place("table")+" to "+others[0])
	case d.exists(ctx, "django_migrations"):
		return fail("table-missing", fmt.Sprintf("the database %s has Django's migrations but no table %q", database, d.s.table), "check that the site has django.contrib.sessions in INSTALLED_APPS and SESSION_ENGINE db or cached_db; run manage.py migrate; if a router of DATABASE_ROUTERS keeps sessions elsewhere, name that database")
	}
	return fail("database-not-migrated", fmt.Sprintf("the database %s has no table %q, and none of Django's migrations", database, d.s.table), "name the site's database, that of DATABASES in its settings.py (and the schema, if it sets search_path); if it is the right one and new, run manage.py migrate")
}

// closedSchema returns the schema of PostgreSQL that has the table and that the user may not use.
// Unqualified, the table then seems not to exist.
func (d *doctor) closedSchema(ctx context.Context) string {
	if d.s.sql.Dialect != sqldb.PostgreSQL {
		return ""
	}
	return d.value(ctx, "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = ? AND NOT has_schema_privilege(n.oid, 'USAGE')", d.bareTable())
}

// modelOf returns the value of --session-model whose table this is, or "".
func modelOf(table string) string {
	for name, model := range sessionModels {
		if model.table == table {
			return name
		}
	}
	return ""
}

// sessionTables returns the tables that have the columns of a session table.
func (d *doctor) sessionTables(ctx context.Context) (names []string) {
	// What information_schema shows depends on rights.
	query := `SELECT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'v') AND a.attname IN ('session_key', 'session_data', 'expire_date') GROUP BY c.oid, c.relname, n.nspname HAVING COUNT(*) = 3 ORDER BY 1`
	switch d.s.sql.Dialect {
	case sqldb.SQLite:
		query = "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name IN ('session_key', 'session_data', 'expire_date') GROUP BY m.name HAVING COUNT(*) = 3 ORDER BY 1"
	case sqldb.MySQL:
		query = "SELECT c.table_name FROM information_schema.columns c WHERE c.column_name IN ('session_key', 'session_data', 'expire_date') AND c.table_schema = DATABASE() GROUP BY c.table_name HAVING COUNT(*) = 3 ORDER BY 1"
	}
	_ = d.s.sql.Read(ctx, query, nil, func(rows *sql.Rows) error {
		names = nil
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			names = append(names, name)
		}
		return nil
	})
	return names
}

// filledSessionTable returns a table of another name that has sessions, or "". A table of the same
// name in another schema is another site's.
func (d *doctor) filledSessionTable(ctx context.Context) string {
	if !d.hasRows() {
		return ""
	}
	for _, name := range d.sessionTables(ctx) {
		names := d.s.sql.Dialect.Names(name)
		if names[len(names)-1] != d.bareTable() && d.hasSessions(ctx, name) {
			return name
		}
	}
	return ""
}

// indexed reports whether an index, or only a unique one, begins with a column. It is true if the database
// does not tell.
func (d *doctor) indexed(ctx context.Context, column string, unique bool) bool {
	table := d.bareTable()
	var n int
	var err error
	switch d.s.sql.Dialect {
	case sqldb.PostgreSQL:
		err = d.s.sql.Row(ctx, `SELECT COUNT(*) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = to_regclass($1) AND a.attname = $2 AND (NOT $3 OR i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL) AND i.indisvalid`,
			[]any{d.s.sql.Dialect.Quote(d.s.table), column, unique}, &n)
	case sqldb.MySQL:
		schema, args := d.schema()
		query := "SELECT COUNT(*) FROM information_schema.statistics s WHERE s.table_schema = " + schema + " AND s.table_name = ? AND s.column_name = ? AND s.seq_in_index = 1"
		if unique {
			query += " AND s.non_unique = 0 AND NOT EXISTS (SELECT 1 FROM information_schema.statistics o WHERE o.table_schema = s.table_schema AND o.table_name = s.table_name AND o.index_name = s.index_name AND o.seq_in_index = 2)"
		}
		err = d.s.sql.Row(ctx, query, append(args, table, column), &n)
	case sqldb.SQLite:
		query := `SELECT COUNT(*) FROM pragma_index_list(?) l JOIN pragma_index_info(l.name) c WHERE c.seqno = 0 AND c.name = ?`
		if unique {
			query += ` AND l."unique" = 1 AND NOT EXISTS (SELECT 1 FROM pragma_index_info(l.name) o WHERE o.seqno = 1)`
		}
		err = d.s.sql.Row(ctx, query, []any{table, column}, &n)
		if err == nil && n == 0 { // INTEGER PRIMARY KEY has no index; neither has WITHOUT ROWID
			err = d.s.sql.Row(ctx, `SELECT COUNT(*) FROM pragma_table_info(?) WHERE name = ? AND pk = 1`, []any{table, column}, &n)
		}
	}
	return err != nil || n > 0
}

func (d *doctor) checkUnique(ctx context.Context, _ []string) []diagnosis {
	if d.indexed(ctx, "session_key", true) {
		return nil
	}
	return failLocal("session-key-not-unique", fmt.Sprintf("table %q has no primary key or unique index on session_key: two sessions can have the same key, and each look-up reads the whole table", d.s.table),
		fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY (session_key), as Django's migration makes it; a copy of the table by CREATE TABLE … AS has none", d.s.table))
}

func (d *doctor) checkIndex(ctx context.Context, _ []string) []diagnosis {
	if d.indexed(ctx, "expire_date", false) {
		return nil
	}
	return warn("index-missing", fmt.Sprintf("table %q has no index on expire_date: clearsessions and the lists of this command read the whole table", d.s.table), fmt.Sprintf("CREATE INDEX ON %s (expire_date), as Django's migration makes it", d.s.table))
}

// checkExtraColumns looks for further columns that a new row must have.
func (d *doctor) checkExtraColumns(ctx context.Context, columns []string) []diagnosis {
	if model, _ := d.in.get("session-model"); model != "" || len(columns) == 3 {
		return nil
	}
	var query string
	var args []any
	if d.isSQLite() {
		query = `SELECT name FROM pragma_table_info(?) WHERE "notnull" = 1 AND dflt_value IS NULL AND name NOT IN ('session_key', 'session_data', 'expire_date')`
	} else {
		query, args = d.schema()
		query = "SELECT column_name FROM information_schema.columns WHERE table_schema = " + query + " AND table_name = ? AND is_nullable = 'NO' AND column_default IS NULL AND column_name NOT IN ('session_key', 'session_data', 'expire_date')"
	}
	column := d.value(ctx, query, append(args, d.bareTable())...)
	if column == "" {
		return nil
	}
	return failLocal("table-extra-columns", fmt.Sprintf("table %q has a column %q that must not be NULL and has no default: a session that Go creates would be rejected", d.s.table, column),
		"set it with dbstore.WithExtraColumns, or name the package in "+d.place("session-model")+" (user_sessions or qsessions), or give the column a default")
}
