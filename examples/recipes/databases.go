package recipes

import (
	"database/sql"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/django"
)

// OpenPool opens the site on the connections of a pgxpool, which the service also uses
// itself. The pool's own limits apply. Close the pool after the server has stopped.
func OpenPool(settings django.Settings, pool *pgxpool.Pool) (*Site, error) {
	return OpenDB(settings, stdlib.OpenDBFromPool(pool), "pgx")
}

// OpenDB opens the site on a database that the service has open already. driver is the name
// with which it was opened: "pgx", "mysql" or "sqlite", for instance. It decides the SQL; for a
// driver of another name, such as a wrapper, see dbstore.WithDialect.
func OpenDB(settings django.Settings, db *sql.DB, driver string) (*Site, error) {
	return Open(settings, sqlx.NewDb(db, driver))
}
