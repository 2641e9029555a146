// Package databaseurl reads a DATABASE_URL as dj-database-url does for Django's
// DATABASES setting, so that one variable serves the site and other programs.
//
//	postgres://user:password@host:5432/name?sslmode=require
//	postgres://user@%2Fvar%2Frun%2Fpostgresql/name
//	mysql://user:password@host:3306/name
//	sqlite:///relative.db
//	sqlite:////absolute.db
//
// The caller turns a [Database] into what its driver expects.
package databaseurl

import (
	"fmt"
	"log/slog"
	"net"
	"strconv"
)

// Engine is a kind of database that Django sessions can be shared on.
type Engine int

// The engines. MySQL includes MariaDB. The zero Engine is invalid.
const (
	PostgreSQL Engine = iota + 1
	MySQL
	SQLite
)

// String returns "PostgreSQL", "MySQL" or "SQLite".
func (e Engine) String() string {
	switch e {
	case PostgreSQL:
		return "PostgreSQL"
	case MySQL:
		return "MySQL"
	case SQLite:
		return "SQLite"
	}
	return fmt.Sprintf("Engine(%d)", int(e))
}

// engines are the schemes of dj-database-url for these engines.
var engines = map[string]Engine{
	"postgres": PostgreSQL, "postgresql": PostgreSQL, "pgsql": PostgreSQL, "postgis": PostgreSQL,
	"timescale": PostgreSQL, "timescalegis": PostgreSQL,
	"mysql": MySQL, "mysql2": MySQL, "mysqlgis": MySQL, "mysql-connector": MySQL,
	"sqlite": SQLite, "spatialite": SQLite,
}

// InMemory is the Name of an SQLite database that lives in one process only.
const InMemory = ":memory:"

// Database is the decoded parts of a URL. A part that the URL leaves out is empty, and
// the driver's default applies, as in Django.
//
// A Database is printed and logged without the password and the options, which may also
// hold one.
type Database struct {
	Engine Engine
	// Name is the database's name; for SQLite, the path of its file or InMemory.
	Name     string
	User     string
	Password string
	// Host is a host's name or address, or the absolute path of a Unix socket or
	// its directory.
	Host string
	// Port is 0 if the URL has none.
	Port int
	// Options is the URL's query, which becomes OPTIONS in Django; nil if there is none.
	Options map[string]string
}

// Address returns Host and Port for net.Dial. The port is defaultPort if the URL has none.
func (d Database) Address(defaultPort int) string {
	port := d.Port
	if port == 0 {
		port = defaultPort
	}
	return net.JoinHostPort(d.Host, strconv.Itoa(port))
}

// String describes the database without its password.
func (d Database) String() string {
	text := fmt.Sprintf("%v database %q", d.Engine, d.Name)
	if d.Host != "" {
		text += fmt.Sprintf(" at %q", d.Host)
	}
	if d.Port != 0 {
		text += fmt.Sprintf(" port %d", d.Port)
	}
	return text
}

// GoString is [Database.String], for %#v.
func (d Database) GoString() string { return "databaseurl.Database(" + d.String() + ")" }

// LogValue is [Database.String], for slog.
func (d Database) LogValue() slog.Value { return slog.StringValue(d.String()) }
