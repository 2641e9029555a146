package usertable_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/internal/testenv"
)

// execModes are pgx's ways to run a statement.
var execModes = []string{
	"default_query_exec_mode=cache_statement", "default_query_exec_mode=cache_describe", "default_query_exec_mode=describe_exec",
	"default_query_exec_mode=exec", "default_query_exec_mode=simple_protocol",
}

// works asks everything there is to ask of a table of Django's own.
func works(t *testing.T, db *sqlx.DB) {
	t.Helper()
	users := open(t, db)
	same(t, byID(t, users, "1"), ann)
	same(t, byID(t, users, "22"), ben)
	setsPasswords(t, db)
	at := time.Date(2026, 7, 8, 9, 10, 11, 120_000, time.UTC)
	if err := users.SetLastLogin(t.Context(), "22", at); err != nil {
		t.Error(err)
	}
	u, err := users.ByUsername(t.Context(), "ben")
	if err != nil || !u.LastLogin.Equal(at) {
		t.Errorf("ByUsername: %v, %v", u.LastLogin, err)
	}
	all, err := users.Permissions(t.Context(), "1")
	if got := fmt.Sprint(all); err != nil || got != "[auth.can_é auth.view_user shop.add_order]" {
		t.Errorf("Permissions: %s, %v", got, err)
	}
	db.MustExec("UPDATE auth_user SET password = 'pbkdf2_sha256$ann' WHERE id = 1")
	db.MustExec("UPDATE auth_user SET last_login = NULL WHERE id = 22")
}

// TestDSN: whatever the DSN says, the same comes out.
func TestDSN(t *testing.T) {
	kolkata := url.QueryEscape("Asia/Kolkata")
	pg := []string{"timezone=" + kolkata}
	for _, mode := range execModes {
		pg = append(pg, mode+"&timezone="+kolkata)
	}
	for vendor, dsns := range map[testenv.Vendor][]string{
		testenv.PostgreSQLVendor: pg,
		testenv.MySQLVendor: {
			"parseTime=true",
			"clientFoundRows=true",
			"interpolateParams=true",
			"parseTime=true&clientFoundRows=true&interpolateParams=true&loc=" + url.QueryEscape("America/Chicago"),
			"parseTime=true&loc=" + kolkata + "&time_zone=" + url.QueryEscape("'-05:00'"),
			"sql_mode=ANSI&charset=utf8mb4&collation=utf8mb4_unicode_ci",
		},
		testenv.SQLiteVendor: {"_pragma=journal_mode(wal)", "_txlock=immediate", "_time_format=sqlite"},
	} {
		t.Run(string(vendor), func(t *testing.T) {
			d := withUsers(t, vendor)
			withPermissions(t, d, "auth_user", "user", "integer")
			execute(t, d, "INSERT INTO auth_user_groups (user_id, group_id) VALUES (1, 1)")
			for _, dsn := range dsns {
				t.Run(dsn, func(t *testing.T) { works(t, connect(t, d, strings.Split(dsn, "&")...)) })
			}
		})
	}
}

// TestPgBouncer: in transaction mode, behind a version that knows nothing of
// prepared statements, with the DSN setting that dbstore's documentation names.
func TestPgBouncer(t *testing.T) {
	d := servers.PgBouncer(t).NewDatabase(t)
	fillUsers(t, d)
	withPermissions(t, d, "auth_user", "user", "integer")
	execute(t, d, "INSERT INTO auth_user_groups (user_id, group_id) VALUES (1, 1)")
	works(t, connect(t, d, "default_query_exec_mode=exec"))
}

// explaining explains the queries for one row before it runs them.
type explaining struct {
	*sqlx.DB
	statement string

	plan string
	err  error
}

func (e *explaining) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	var rows *sqlx.Rows
	if rows, e.err = e.QueryxContext(ctx, e.statement+query, args...); e.err == nil {
		defer rows.Close()
		for rows.Next() {
			row := map[string]any{}
			if e.err = rows.MapScan(row); e.err != nil {
				break
			}
			for _, column := range []string{"detail", "QUERY PLAN", "type", "key"} {
				if v, ok := row[column]; ok {
					e.plan += strings.TrimSpace(fmt.Sprintf("%s", v)) + " "
				}
			}
		}
	}
	return e.DB.QueryContext(ctx, query, args...)
}
