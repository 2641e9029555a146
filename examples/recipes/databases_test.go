package recipes

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

const unknownKey = "abcdefghijklmnopqrstuvwxyz012345"

const userTable = `CREATE TABLE auth_user (id serial PRIMARY KEY, username varchar(150) NOT NULL UNIQUE, password varchar(128) NOT NULL,
	last_login timestamptz NULL, is_active bool NOT NULL, is_staff bool NOT NULL, is_superuser bool NOT NULL)`

// A site on a pgxpool uses no connections but the pool's.
func TestPool(t *testing.T) {
	db := testenv.PostgreSQL(t).NewDatabase(t)
	db.CreateSessionTable(t)
	config, err := pgxpool.ParseConfig(db.DSN())
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	for _, statement := range []string{userTable, `INSERT INTO auth_user VALUES (1, 'mia', '!', NULL, true, false, false)`} {
		if _, err := pool.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	settings := django.DefaultSettings()
	settings.SecretKey = "the tests' key"
	site, err := OpenPool(settings, pool)
	if err != nil {
		t.Fatal(err)
	}
	checkDatabase(t, site)

	// Whoever has the only connection lets the site wait.
	taken, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := site.UserOf(ctx, unknownKey); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want a site that waits for the pool", err)
	}
	taken.Release()
	pool.Close()
	if user, err := site.UserOf(t.Context(), unknownKey); err == nil {
		t.Errorf("a closed pool: %v", user)
	}
}

func TestExistingDB(t *testing.T) {
	s := newTestSite(t)
	s.db.MustExec("DELETE FROM auth_user")
	s.db.MustExec(`INSERT INTO auth_user (id, password, is_superuser, username, last_name, email, is_staff, is_active, date_joined, first_name)
		VALUES (1, '!', 0, 'mia', '', '', 0, 1, '2026-01-02 03:04:05', '')`)
	var db *sql.DB = s.db.DB
	site, err := OpenDB(s.Sessions.Settings(), db, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	checkDatabase(t, site)
	db.Close()
	v := newVisitor(t, s.serve(site.Middleware(Events(site, often, nil)))).as(unknownKey)
	if a := v.get("/"); a.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a closed database: %s", a.Status)
	}
}

// checkDatabase logs a user in and out.
func checkDatabase(t *testing.T, site *Site) {
	t.Helper()
	user, err := site.Users.ByID(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	session := site.Sessions.NewSession()
	if err := site.Logins.LoginSession(t.Context(), session, user); err != nil {
		t.Fatal(err)
	}
	if err := session.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
	key := session.Key()
	if got, err := site.UserOf(t.Context(), key); err != nil || got.Username != "mia" {
		t.Errorf("%v is logged in, %v", got, err)
	}
	if err := site.Logins.LogoutSession(t.Context(), session); err != nil {
		t.Fatal(err)
	}
	if got, err := site.UserOf(t.Context(), key); err != nil || got.IsAuthenticated() {
		t.Errorf("%v is logged in after the logout, %v", got, err)
	}
}
