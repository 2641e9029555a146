package main

import (
	"database/sql"

	"github.com/djsession/djsession/cmd/djsession/internal/databaseurl"
)

// openDatabase returns a pool for the database, and sqlx's name for its driver.
// It sends nothing to the database yet.
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
		// The command runs one statement at a time.
		db.SetMaxOpenConns(1)
	}
	return db, driver, err
}
