// Package dbstore keeps sessions where Django's database engine keeps them: in the table
// django_session of PostgreSQL, MySQL, MariaDB or SQLite. It is SESSION_ENGINE =
// "django.contrib.sessions.backends.db".
//
//	db := sqlx.MustOpen("pgx", os.Getenv("DATABASE_URL"))
//	sessions, err := django.New(settings, dbstore.New(db))
//
// The package imports no driver; the driver's name says which database it is. The table is
// Django's: `manage.py migrate` creates it. [Store.Check] finds out at start whether table and
// settings are the site's.
//
// A DSN needs nothing special, except behind PgBouncer in transaction mode, where pgx must not
// keep prepared statements (default_query_exec_mode=exec). On MySQL autocommit must be on, which
// is the default. MySQL, MariaDB and SQLite hold times without a zone, so USE_TZ, and TIME_ZONE
// if that is False, must be set in the settings.
//
// A table that is sharded by session_key, as on Vitess, works as it is; see [WithShardedByKey].
//
// A custom session model takes [WithTable] and [WithExtraColumns]; [WithUserSessions] and
// [WithQSessions] are for django-user-sessions and django-qsessions.
package dbstore
