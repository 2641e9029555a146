package dbstore

import "github.com/djsession/djsession/internal/sqldb"

// Dialect is the SQL that a database speaks.
type Dialect int

// The dialects. MySQL is also that of MariaDB.
const (
	PostgreSQL = Dialect(sqldb.PostgreSQL)
	MySQL      = Dialect(sqldb.MySQL)
	SQLite     = Dialect(sqldb.SQLite)
)

// String returns the dialect's name, such as "PostgreSQL".
func (d Dialect) String() string { return sqldb.Dialect(d).String() }
