package dbstore_test

import (
	"database/sql"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/django/storetest"
	"github.com/djsession/djsession/internal/testenv"
)

func TestConformance(t *testing.T) {
	everywhere(t, conforms)
	t.Run("MySQL", func(t *testing.T) {
		d := servers.MySQL(t).NewDatabase(t)
		d.CreateSessionTable(t)
		conforms(t, connect(t, d))
	})
}

func conforms(t *testing.T, db *sqlx.DB) {
	storetest.Run(t, func(t *testing.T) django.Store { return newSessions(t, db, dbstore.WithBatch(3)).Store() })
}

// TestMySQLDSN: whatever the DSN says, the same comes out.
func TestMySQLDSN(t *testing.T) {
	d := withTable(t, testenv.MySQLVendor)
	for _, parameters := range []string{
		"parseTime=true",
		"clientFoundRows=true",
		"interpolateParams=true",
		"parseTime=true&clientFoundRows=true&interpolateParams=true&loc=" + url.QueryEscape("America/Chicago"),
		"parseTime=true&loc=" + url.QueryEscape("Asia/Kolkata") + "&time_zone=" + url.QueryEscape("'-05:00'"),
		"sql_mode=ANSI&charset=utf8mb4&collation=utf8mb4_unicode_ci",
	} {
		t.Run(parameters, func(t *testing.T) { conforms(t, connect(t, d, strings.Split(parameters, "&")...)) })
	}
}

// TestPgBouncer: in transaction mode, behind a version that knows nothing of
// prepared statements, with the DSN setting that the documentation names.
func TestPgBouncer(t *testing.T) {
	bouncer := servers.PgBouncer(t)
	d := bouncer.NewDatabase(t)
	d.CreateSessionTable(t)
	for _, mode := range []string{"exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) { conforms(t, connect(t, d, "default_query_exec_mode="+mode)) })
	}
}

// TestPgBouncerDefaultMode: without that setting the error names it.
func TestPgBouncerDefaultMode(t *testing.T) {
	bouncer := servers.PgBouncer(t)
	d := bouncer.NewDatabase(t)
	d.CreateSessionTable(t)
	// The transaction takes one of PgBouncer's two connections to the server, and two clients
	// share the other one.
	tx := begin(t, connect(t, d), sql.LevelDefault)
	tx.MustExec("SELECT 1")
	const mode = "default_query_exec_mode=cache_statement"
	first := newSessions(t, connect(t, d, mode))
	s := saved(t, first)
	load(t, first, s.Key())
	_, err := newSessions(t, connect(t, d, mode)).Load(t.Context(), s.Key())
	var e *dbstore.Error
	if !errors.As(err, &e) || e.Kind != dbstore.KindTransient || !strings.Contains(err.Error(), "default_query_exec_mode=exec") {
		t.Errorf("Load: %v", err)
	}
}

func TestPostgreSQLExecModes(t *testing.T) {
	d := withTable(t, testenv.PostgreSQLVendor)
	for _, mode := range []string{"cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			conforms(t, connect(t, d, "default_query_exec_mode="+mode, "timezone="+url.QueryEscape("Asia/Kolkata")))
		})
	}
}

func TestSQLiteDSN(t *testing.T) {
	for _, parameters := range []string{
		"_pragma=journal_mode(wal)",
		"_pragma=busy_timeout(5000)",
		"_txlock=immediate",
		"_time_format=sqlite",
	} {
		t.Run(parameters, func(t *testing.T) { conforms(t, connect(t, withTable(t, testenv.SQLiteVendor), parameters)) })
	}
}
