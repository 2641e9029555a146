package dbstore

import "github.com/djsession/djsession/internal/sqldb"

// Dialect is the SQL that a database speaks.
type Dialect = sqldb.Dialect

// The dialects. MySQL is also that of MariaDB.
const (
	PostgreSQL = sqldb.PostgreSQL
	MySQL      = sqldb.MySQL
	SQLite     = sqldb.SQLite
)
