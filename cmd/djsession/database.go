package main

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/databaseurl"
)

// openDatabase returns a pool for the database, and sqlx's name for its driver.
// Nothing is asked of the database yet.
func openDatabase(d databaseurl.Database) (db *sql.DB, driver string, err error) {
	switch d.Engine {
	case databaseurl.PostgreSQL:
		db, err = openPostgreSQL(d)
		driver = "pgx"
	case databaseurl.MySQL:
		db, err = openMySQL(d)
		driver = "mysql"
	default:
		db, err = openSQLite(d)
		driver = "sqlite"
	}
	if err == nil {
		// One statement after the other: more connections would only cost time.
		db.SetMaxOpenConns(1)
	}
	return db, driver, err
}

// options are what a URL's query says. Each is either taken or ignored because
// it has no meaning here; what is left is an error, since an option that protects
// a connection must not get lost.
type options map[string]string

func newOptions(d databaseurl.Database) options {
	o := make(options, len(d.Options))
	maps.Copy(o, d.Options)
	return o
}

// take returns an option and removes it.
func (o options) take(name string) string {
	value := o[name]
	delete(o, name)
	return value
}

func (o options) ignore(names ...string) {
	for _, name := range names {
		delete(o, name)
	}
}

// rest is the error for the options that are left.
func (o options) rest() error {
	if len(o) == 0 {
		return nil
	}
	names := slices.Sorted(maps.Keys(o))
	return fmt.Errorf("option %s of %s is not supported; take it out of the URL", strings.Join(names, ", "), where("database-url"))
}
