package dbstore_test

import (
	"context"
	"testing"

	"github.com/jmoiron/sqlx"
)

// lockTable keeps everybody from the sessions until it is unlocked.
func lockTable(t testing.TB, db *sqlx.DB) (unlock func()) {
	t.Helper()
	conn, err := db.Connx(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lock, release := []string{"LOCK TABLES django_session WRITE"}, "UNLOCK TABLES"
	if db.DriverName() == "pgx" {
		lock, release = []string{"BEGIN", "LOCK TABLE django_session"}, "ROLLBACK"
	}
	for _, statement := range lock {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		if _, err := conn.ExecContext(context.WithoutCancel(t.Context()), release); err != nil {
			t.Error(err)
		}
		_ = conn.Close()
	}
}

// busy returns how many statements other connections have under way in the database.
func busy(t testing.TB, db *sqlx.DB) int {
	t.Helper()
	switch db.DriverName() {
	case "pgx":
		return count(t, db, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()")
	case "mysql":
		return count(t, db, "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND command <> 'Sleep' AND id <> CONNECTION_ID()")
	default:
		return 0
	}
}

// connections returns how many other connections the database has.
func connections(t testing.TB, db *sqlx.DB) int {
	t.Helper()
	if db.DriverName() == "pgx" {
		return count(t, db, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	}
	return count(t, db, "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()")
}

func count(t testing.TB, db *sqlx.DB, query string) (n int) {
	t.Helper()
	if err := db.Get(&n, query); err != nil {
		t.Fatal(err)
	}
	return n
}
