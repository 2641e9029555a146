// Package dbstore keeps sessions where Django's database engine keeps them: in
// the table django_session of PostgreSQL, MySQL, MariaDB or SQLite. It is
// SESSION_ENGINE = "django.contrib.sessions.backends.db".
//
//	db := sqlx.MustOpen("pgx", os.Getenv("DATABASE_URL"))
//	sessions, err := django.New(settings, dbstore.New(db))
//
// The package imports no driver. It tells from the driver's name which database it
// uses; see [WithDialect] for a driver that it does not know. The table is Django's:
// `manage.py migrate` creates it, this package never does. [Store.Check] finds out at
// start whether table and settings are the site's.
//
// What a DSN needs:
//
//   - PostgreSQL: nothing, except behind PgBouncer in transaction mode, where
//     pgx must not keep prepared statements: default_query_exec_mode=exec (or
//     simple_protocol) in the DSN.
//   - MySQL and MariaDB: nothing; parseTime, loc, clientFoundRows and
//     interpolateParams may be whatever the rest of the program needs. Autocommit must be
//     on, which is the default: without it nothing is kept of what a *sqlx.DB writes.
//     [Store.Check] returns an error if it is off.
//   - SQLite: nothing; the package waits for a database that Django is writing to.
//
// MySQL, MariaDB and SQLite hold times without a zone. Therefore USE_TZ, and
// TIME_ZONE if that is False, must be set in the settings.
//
// A site with a session model of its own names its table with [WithTable] and sets further
// columns with [WithExtraColumns]; [WithUserSessions] and [WithQSessions] do both for
// django-user-sessions and django-qsessions.
package dbstore
