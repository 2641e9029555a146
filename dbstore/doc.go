// Package dbstore keeps sessions where Django's database engine keeps them: in
// the table django_session of PostgreSQL, MySQL, MariaDB or SQLite. It is
// SESSION_ENGINE = "django.contrib.sessions.backends.db".
//
//	db := sqlx.MustOpen("pgx", os.Getenv("DATABASE_URL"))
//	sessions, err := django.New(settings, dbstore.New(db))
//
// The package imports no driver and follows from the driver's name which
// database it speaks to; see [WithDialect] for a driver that it does not know.
// The table is Django's: `manage.py migrate` makes it, this package never does.
//
// What a DSN has to say:
//
//   - PostgreSQL: nothing, except behind PgBouncer in transaction mode, where
//     pgx must not keep prepared statements: default_query_exec_mode=exec (or
//     simple_protocol) in the DSN.
//   - MySQL and MariaDB: nothing; parseTime, loc, clientFoundRows and
//     interpolateParams may be whatever the rest of the program needs.
//   - SQLite: nothing; a database that Django is writing to is waited for.
//
// MySQL, MariaDB and SQLite hold times without a zone. Therefore USE_TZ, and
// TIME_ZONE if that is False, must be said in the settings.
package dbstore
