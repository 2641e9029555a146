package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/djsession/djsession/internal/databaseurl"
	"github.com/djsession/djsession/internal/sqldb"
)

// usesDatabase reports whether the sessions or users are in a database that is named.
func (d *doctor) usesDatabase() bool {
	_, named := d.in.get("database-url")
	url, _ := d.in.get("cache-url")
	return named || d.s.engine == "db" || d.s.engine == "cached_db" || strings.HasPrefix(url, "dbcache:") || strings.HasPrefix(url, "database:")
}

// checkDatabase connects to the database.
func (d *doctor) checkDatabase(ctx context.Context) []diagnosis {
	if !d.usesDatabase() {
		return inapplicable("the engine %s needs no database, and none is named for the users", d.s.engine)
	}
	u, err := d.databaseURL(d.in)
	if err != nil {
		return fail("database-url", err.Error(), "set "+d.place("database-url")+" to a URL such as postgres://user:password@host:5432/name; djsession settings --manage carries it over from DATABASES")
	}
	if u.Engine == databaseurl.SQLite {
		if found := d.checkSQLiteFile(u); found != nil {
			return found
		}
	}
	if err := d.openDatabase(d.s, &d.set); err != nil {
		return fail("database-url", err.Error(), "correct "+d.place("database-url"))
	}
	d.s.maxWait = time.Second // a busy database is reported, not waited for
	if d.s.sql, err = sqldb.Open(d.s.db, sqldb.Options{MaxWait: d.s.maxWait}); err != nil {
		return failUnexpected(err)
	}
	version := ""
	query := "SELECT version()"
	if u.Engine == databaseurl.SQLite {
		query = "SELECT sqlite_version() FROM (SELECT COUNT(*) FROM sqlite_master)"
	}
	if err := d.s.sql.Row(ctx, query, nil, &version); err != nil {
		d.s.sql = nil // no other check waits for it
		return d.connectionProblem(ctx, u, err)
	}
	switch u.Engine {
	case databaseurl.SQLite:
		return passed("SQLite file %q", u.Name)
	case databaseurl.MySQL:
		return passed("MySQL or MariaDB %s at %s, database %q, user %q", version, u.Address(3306), u.Name, u.User)
	}
	version, _, _ = strings.Cut(version, " (")
	version, _, _ = strings.Cut(version, " on ")
	return passed("%s at %s, database %q, user %q", version, u.Address(5432), u.Name, u.User)
}

// checkSQLiteFile returns why the file cannot be used, or nil.
func (d *doctor) checkSQLiteFile(u databaseurl.Database) []diagnosis {
	place := d.place("database-url")
	if u.Name == databaseurl.InMemory || u.Name == "" {
		return fail("sqlite-in-memory", place+" names no file: a database in memory belongs to one process", "name the file that DATABASES has: sqlite:////absolute/path/db.sqlite3")
	}
	info, err := os.Stat(u.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		directory, _ := os.Getwd()
		return fail("sqlite-missing", fmt.Sprintf("the SQLite file %q of %s does not exist, seen from %q", u.Name, place, directory),
			"write the absolute path with four slashes: sqlite:////srv/site/db.sqlite3; three are relative to the directory in which the service starts")
	case errors.Is(err, fs.ErrPermission):
		return fail("sqlite-permissions", fmt.Sprintf("the directory of %q may not be entered by this user", u.Name), "run the service as a user who may read and write the file and its directory")
	case err != nil:
		return failUnexpected(err)
	case info.IsDir():
		return fail("sqlite-missing", fmt.Sprintf("%q of %s is a directory", u.Name, place), "name the file in it")
	}
	if info.Size() == 0 {
		return fail("database-empty", fmt.Sprintf("the SQLite file %q is empty: something created it, and it is not the site's", u.Name), "name the file in DATABASES of settings.py, and delete this one")
	}
	return nil
}

// connectionProblem returns the diagnosis of a connection that failed.
func (d *doctor) connectionProblem(ctx context.Context, u databaseurl.Database, err error) []diagnosis {
	place, code := d.place("database-url"), databaseCode(err)
	text := explain(sqliteError(u, err))
	dns, network := (*net.DNSError)(nil), (*net.OpError)(nil)
	switch {
	case ctx.Err() != nil:
		return fail("database-unreachable", "no answer within "+checkTime.String(), "check the host, the port and firewalls between this machine and the database; "+place+" names them")
	case code == "28P01" || code == "28000" || code == "1045" || code == "1698":
		return fail("database-password", text, fmt.Sprintf("correct user and password in %s; percent-encode special characters; the server may allow user %q from some hosts only (pg_hba.conf, or 'user'@'host')", place, u.User))
	case code == "3D000" || code == "1049":
		return fail("database-missing", fmt.Sprintf("there is no database %q on that server", u.Name), "write NAME of DATABASES in "+place)
	case code == "1044" || code == "42501":
		return fail("database-rights", text, fmt.Sprintf("allow user %q to connect: GRANT CONNECT ON DATABASE (PostgreSQL) or GRANT SELECT, INSERT, UPDATE, DELETE ON %s.* (MySQL)", u.User, u.Name))
	case code == "53300" || code == "1040":
		return fail("database-connections", text, "the server has no free connection: close some, or use a pooler")
	case code == fmt.Sprint(sqlite3.SQLITE_NOTADB):
		return fail("sqlite-not-a-database", text, "name the file in DATABASES of settings.py in "+place)
	case code == fmt.Sprint(sqlite3.SQLITE_BUSY), code == fmt.Sprint(sqlite3.SQLITE_LOCKED):
		return fail("sqlite-busy", "another process holds a lock on the SQLite file", "run it again; if that stays so, a program keeps a transaction open, or the file is on a network disk")
	case code == fmt.Sprint(sqlite3.SQLITE_CANTOPEN), code == fmt.Sprint(sqlite3.SQLITE_READONLY), code == fmt.Sprint(sqlite3.SQLITE_PERM):
		return fail("sqlite-permissions", text, "run the service as a user who may read and write the file and its directory")
	case errors.Is(err, mysql.ErrNoTLS):
		return fail("database-tls", err.Error(), "write the ssl_mode that OPTIONS of DATABASES has into "+place+", or let the server support TLS")
	case strings.Contains(text, "tls") || strings.Contains(text, "TLS") || strings.Contains(text, "SSL") || strings.Contains(text, "certificate"):
		return fail("database-tls", text, "compare sslmode (PostgreSQL) or ssl_mode (MySQL) in "+place+" with OPTIONS of DATABASES")
	case errors.As(err, &dns), errors.As(err, &network), strings.Contains(text, "refused"), strings.Contains(text, "cannot connect"):
		return fail("database-unreachable", text, "check host and port in "+place+", and whether the server runs and listens there; in a container, localhost is the container itself")
	}
	return failUnexpected(err)
}

// databaseCode returns the code of a server's error: PostgreSQL's SQLSTATE, MySQL's number, or
// SQLite's primary code. It is "" for another error.
func databaseCode(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return fmt.Sprint(e.Number)
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return fmt.Sprint(e.Code() & 0xff)
	}
	return ""
}

// value returns the first column of the first row of a query, as text, and "" if there is none
// or the query fails: for facts about a server that not every user may see.
func (d *doctor) value(ctx context.Context, query string, args ...any) string {
	var text sql.NullString
	if err := d.s.sql.Row(ctx, d.s.sql.Dialect.Bind(query), args, &text); err != nil {
		return ""
	}
	return text.String
}
