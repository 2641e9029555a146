package torture

import (
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// begin skips the test if there is no Django. In the long form, the databases run one after
// another, so that they do not affect each other's figures.
func begin(t *testing.T) {
	testenv.NewestDjango(t)
	if !full() {
		t.Parallel()
	}
}

func TestSQLite(t *testing.T) {
	begin(t)
	a := newArena(t, "SQLite", testenv.SQLite(t), current.djangos)
	peace(t, a)
	t.Run("careless Go", func(t *testing.T) { carelessGo(t, a) })
	t.Run("writers killed", func(t *testing.T) { killWriters(t, a, a.stormers()) })
	t.Run("clock skew", func(t *testing.T) { skew(t, a, a.stormers()) })
	if full() {
		t.Run("commands", func(t *testing.T) { commandLine(t, a) })
	}
}

func TestPostgreSQL(t *testing.T) {
	begin(t)
	server := testenv.PostgreSQL(t, testenv.Durable())
	t.Run("PgBouncer", func(t *testing.T) {
		// By default it waits for 15 s before it connects to its server again.
		pooler := testenv.PgBouncer(t, server, testenv.WithSetting("server_login_retry", "0.1"))
		a := newArena(t, "PgBouncer", pooler.NewDatabase(t), current.spares, "default_query_exec_mode=exec")
		a.pooled = true
		peace(t, a)
		if full() {
			t.Run("killed", func(t *testing.T) { killServer(t, a, server, a.stormers()) })
		}
	})
	a := newArena(t, "PostgreSQL", server.NewDatabase(t), current.djangos)
	peace(t, a)
	war(t, a, server)
	if full() { // a standby starts slowly, and dbstore tests one too
		t.Run("promotion", func(t *testing.T) { promote(t, a, server) })
	}
}

func TestMariaDB(t *testing.T) {
	begin(t)
	server := testenv.MariaDB(t, testenv.Durable())
	a := newArena(t, "MariaDB", server.NewDatabase(t), current.djangos)
	peace(t, a)
	war(t, a, server)
}

func TestMySQL(t *testing.T) {
	begin(t)
	if !full() {
		t.Skip("in the long form only: it starts slowly, and MariaDB is tested")
	}
	server := testenv.MySQL(t, testenv.Durable())
	a := newArena(t, "MySQL", server.NewDatabase(t), current.djangos)
	peace(t, a)
	war(t, a, server)
}

// peace runs the tests of a healthy database.
func peace(t *testing.T, a *arena) {
	if a.database != nil {
		a.version(t)
	}
	t.Run("as it comes", func(t *testing.T) { asItComes(t, a) })
	if a.database != nil && !a.pooled {
		t.Run("locked by Django", func(t *testing.T) { lockedByDjango(t, a) })
	}
	if full() || a.engine() == "" {
		t.Run("counter", func(t *testing.T) { countUp(t, a) })
	}
	if a.engine() != "" {
		t.Run("with our engine", func(t *testing.T) { withEngine(t, a) })
		t.Run("counter of both", func(t *testing.T) { countTogether(t, a) })
	}
}

// war runs the tests of a server that fails in every way.
func war(t *testing.T, a *arena, server *testenv.Server) {
	t.Run("killed", func(t *testing.T) { killServer(t, a, server, a.stormers()) })
	strike(t, a, server, a.stormers())
	t.Run("clock skew", func(t *testing.T) { skew(t, a, a.stormers()) })
}
