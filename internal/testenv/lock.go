package testenv

import (
	"context"
	"testing"
)

// Lock locks a SQLite database for every other connection until it is unlocked.
func (d *Database) Lock(t testing.TB) (unlock func()) {
	t.Helper()
	conn, err := d.Connect(t).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(t.Context()), "ROLLBACK")
		_ = conn.Close()
	}
}
