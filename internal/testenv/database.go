package testenv

import (
	"database/sql"
	"fmt"
	"maps"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"
)

// Database is one database, and how Go and Django connect to it.
type Database struct {
	Vendor Vendor
	// Name is the database's name on its server; for SQLite, the path of its file.
	Name string

	server *Server // nil for SQLite
	proxy  *Proxy  // nil for the way straight to the server
}

// SQLite returns an empty SQLite database in a file that is removed after the test.
func SQLite(t testing.TB) *Database {
	t.Helper()
	return SQLiteFile(filepath.Join(t.TempDir(), "db.sqlite3"))
}

// SQLiteFile returns the SQLite database in a file, which need not exist yet.
func SQLiteFile(path string) *Database {
	return &Database{Vendor: SQLiteVendor, Name: path}
}

// Driver returns the name under which this package's driver for the database is
// registered with database/sql: "pgx", "mysql" or "sqlite".
func (d *Database) Driver() string {
	switch d.Vendor {
	case PostgreSQLVendor:
		return "pgx"
	case MySQLVendor:
		return "mysql"
	default:
		return "sqlite"
	}
}

// DSN returns the data source name for that driver, with any parameters ("parseTime=true")
// added, which the caller has escaped.
func (d *Database) DSN(parameters ...string) string {
	var dsn string
	switch d.Vendor {
	case PostgreSQLVendor:
		dsn = d.URL()
		parameters = append([]string{"sslmode=disable"}, parameters...)
	case MySQLVendor:
		dsn = fmt.Sprintf("%s:%s@tcp(%s)/%s", d.server.User, d.server.Password, d.address(), d.Name)
	default:
		dsn = "file:" + d.Name
	}
	if len(parameters) > 0 {
		dsn += "?" + strings.Join(parameters, "&")
	}
	return dsn
}

// URL returns the database in the syntax of DATABASE_URL, as dj-database-url reads it.
func (d *Database) URL() string {
	if d.Vendor == SQLiteVendor {
		return "sqlite:///" + d.Name // an absolute path makes it four slashes
	}
	scheme := "postgres"
	if d.Vendor == MySQLVendor {
		scheme = "mysql"
	}
	u := url.URL{Scheme: scheme, User: url.UserPassword(d.server.User, d.server.Password), Host: d.address(), Path: "/" + d.Name}
	return u.String()
}

func (d *Database) address() string {
	if d.proxy != nil {
		return d.proxy.Addr()
	}
	return d.server.Addr()
}

// Through returns the same database as it is reached through a proxy, wherever that leads
// by then: a server that it leads to must have the same users.
func (d *Database) Through(p *Proxy) *Database {
	through := *d
	through.proxy = p
	return &through
}

// Proxied starts a proxy to the database's server for one test, and returns the database
// that is reached through it.
func (d *Database) Proxied(t testing.TB) (*Database, *Proxy) {
	t.Helper()
	p, err := StartProxy(d.server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return d.Through(p), p
}

// Django returns the entry for Django's DATABASES setting, with the given fields, such as
// TIME_ZONE, added or replaced.
func (d *Database) Django(fields map[string]any) map[string]any {
	entry := map[string]any{"NAME": d.Name}
	switch d.Vendor {
	case PostgreSQLVendor:
		entry["ENGINE"] = "django.db.backends.postgresql"
	case MySQLVendor:
		entry["ENGINE"] = "django.db.backends.mysql"
		// Before 4.0 or so Django asked for three-byte UTF-8.
		entry["OPTIONS"] = map[string]any{"charset": "utf8mb4"}
	default:
		entry["ENGINE"] = "django.db.backends.sqlite3"
		entry["OPTIONS"] = map[string]any{"timeout": 30}
	}
	if d.server != nil {
		entry["HOST"], entry["PORT"], _ = net.SplitHostPort(d.address())
		entry["USER"], entry["PASSWORD"] = d.server.User, d.server.Password
		if d.server.behind != nil {
			// A cursor on the server outlives its transaction, and with it its connection.
			entry["DISABLE_SERVER_SIDE_CURSORS"] = true
		}
	}
	maps.Copy(entry, fields)
	return entry
}

// Open opens the database with database/sql. The caller closes it.
func (d *Database) Open(parameters ...string) (*sql.DB, error) {
	if d.server != nil && d.server.behind != nil {
		// Statements prepared on one of the pooled connections are unknown to the others.
		parameters = append([]string{"default_query_exec_mode=exec"}, parameters...)
	}
	return sql.Open(d.Driver(), d.DSN(parameters...))
}

// Connect opens the database for one test, and closes it when the test is over.
func (d *Database) Connect(t testing.TB, parameters ...string) *sql.DB {
	t.Helper()
	db, err := d.Open(parameters...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
