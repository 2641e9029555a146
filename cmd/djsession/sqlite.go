package main

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/internal/databaseurl"
)

// openSQLite opens a file that is there: SQLite would make one that is not, and
// an empty database in the wrong place helps nobody.
func openSQLite(d databaseurl.Database) (*sql.DB, error) {
	if d.Name == databaseurl.InMemory || d.Name == "" {
		return nil, fmt.Errorf("%s names no SQLite file; write sqlite:///relative.db or sqlite:////absolute.db", where("database-url"))
	}
	o := newOptions(d)
	// They are for Python's connection. A busy database is waited for anyway.
	o.ignore("timeout", "transaction_mode", "check_same_thread", "detect_types", "isolation_level", "cached_statements", "init_command")
	if err := o.rest(); err != nil {
		return nil, err
	}
	switch info, err := os.Stat(d.Name); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("SQLite file %q of %s does not exist", d.Name, where("database-url"))
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%q of %s is a directory, not an SQLite file", d.Name, where("database-url"))
	}
	return sql.Open("sqlite", sqliteURI(d.Name)+"?mode=rw")
}

// sqliteURI is the name of a file as SQLite takes it, whatever the characters.
func sqliteURI(path string) string {
	escaped := (&url.URL{Path: path}).EscapedPath()
	if strings.HasPrefix(path, "/") {
		return "file://" + escaped
	}
	return "file:" + escaped
}
