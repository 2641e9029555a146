package main

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/djsession/djsession/internal/databaseurl"
)

// transactionModes are those that Django's SQLite backend accepts.
var transactionModes = []string{"DEFERRED", "EXCLUSIVE", "IMMEDIATE"}

// openSQLite opens a file. A missing one is an error; SQLite would create it.
func openSQLite(d databaseurl.Database) (*sql.DB, error) {
	if d.Name == databaseurl.InMemory || d.Name == "" {
		return nil, fmt.Errorf("%s names no SQLite file; write sqlite:///relative.db or sqlite:////absolute.db", where("database-url"))
	}
	o := newOptions(d)
	mode := strings.ToUpper(o.take("transaction_mode"))
	o.ignore(databaseurl.IgnoredSQLite...) // for the timeout, see maxWait
	var statements []string
	for command := range strings.SplitSeq(o.take("init_command"), ";") { // as Django does
		if command = strings.TrimSpace(command); command != "" {
			statements = append(statements, command)
		}
	}
	if mode != "" && !slices.Contains(transactionModes, mode) {
		return nil, fmt.Errorf("option transaction_mode of %s is one of %s", where("database-url"), strings.Join(transactionModes, ", "))
	}
	if err := o.rest(nil); err != nil {
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
	connector, err := sqlite.NewConnector(sqliteURI(d.Name) + "?mode=rw")
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(initConnector{connector, statements}), nil
}

// maxWait returns how long to wait for a busy database: Django's option timeout for
// SQLite, or 30 seconds.
func maxWait(d databaseurl.Database) (time.Duration, error) {
	text, given := newOptions(d)["timeout"]
	if d.Engine != databaseurl.SQLite || !given {
		return 30 * time.Second, nil
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds >= 0 && seconds <= math.MaxInt32) {
		return 0, fmt.Errorf("option timeout of %s must be a number of seconds", where("database-url"))
	}
	return time.Duration(seconds * float64(time.Second)), nil
}

// sqliteError names the file in an error of SQLite's, which does not.
func sqliteError(d databaseurl.Database, err error) error {
	failed, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	const primary = 0xff // of an extended error code
	switch failed.Code() & primary {
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("SQLite file %q cannot be opened or written; check that this user may read and write the file and its directory: %w", d.Name, failed)
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL:
		return fmt.Errorf("SQLite file %q: %w", d.Name, failed)
	}
	return err
}

// sqliteURI returns the URI of a file, with any characters in its name.
func sqliteURI(path string) string {
	escaped := (&url.URL{Path: path}).EscapedPath()
	if strings.HasPrefix(path, "/") {
		return "file://" + escaped
	}
	return "file:" + escaped
}
