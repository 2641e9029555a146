package dbstore_test

import (
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/internal/testenv"
)

// TestRoundTrips: one statement to load, one to save.
func TestRoundTrips(t *testing.T) {
	everywhere(t, func(t *testing.T, db *sqlx.DB) {
		counted := &testenv.Counting{DB: db}
		ss := newSessions(t, counted, dbstore.WithDialect(map[string]dbstore.Dialect{
			"sqlite": dbstore.SQLite, "pgx": dbstore.PostgreSQL, "mysql": dbstore.MySQL}[db.DriverName()]))
		s := saved(t, ss) // on MySQL the first asks for the table's unique keys
		for _, step := range []struct {
			name string
			do   func()
		}{
			{"create", func() { s = saved(t, ss) }},
			{"load", func() { s = load(t, ss, s.Key()) }},
			{"save", func() { set(t, s, "b", 2); save(t, s) }},
			{"touch", func() { s.MarkModified(); save(t, s) }},
			{"cycle", func() { s.CycleKey(); save(t, s) }},
			{"flush", func() {
				if err := s.Flush(t.Context()); err != nil {
					t.Error(err)
				}
			}},
		} {
			counted.Statements.Store(0)
			step.do()
			if n := counted.Statements.Load(); n != 1 {
				t.Errorf("%s took %d statements, want 1", step.name, n)
			}
		}
	})
}
