package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/internal/databaseurl"
)

const oddPassword = `p@s:s/w?o r'd"\%+&=(#)$HOME`

// The DSNs that databaseurl makes mean to Go's drivers what the settings mean to Django.
func TestDSN(t *testing.T) {
	d := databaseurl.Database{Engine: databaseurl.PostgreSQL, Name: "shop db", User: "o'hara", Password: oddPassword, Host: "::1", Port: 5433,
		Options: map[string]string{"sslmode": "require", "options": "-c search_path=shop", "assume_role": "web app", "isolation_level": "1", "pool": "x", "keepalives": "1", "sslcrl": "a.crl"}}
	driver, dsn, dropped := d.DSN()
	c, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	if driver != "pgx" || c.Host != "::1" || c.Port != 5433 || c.Database != "shop db" || c.User != "o'hara" || c.Password != oddPassword || c.TLSConfig == nil {
		t.Errorf("%s %+v", driver, c)
	}
	if got := c.RuntimeParams["options"]; got != `-c search_path=shop -c role=web\ app` {
		t.Errorf("options are %q", got)
	}
	if !slices.Equal(dropped, []string{"sslcrl"}) {
		t.Errorf("dropped %q", dropped)
	}

	d = databaseurl.Database{Engine: databaseurl.MySQL, Name: "shop/db?", User: "ann", Password: oddPassword, Host: "::1",
		Options: map[string]string{"charset": "utf8mb4", "connect_timeout": "5", "sql_mode": "TRADITIONAL", "isolation_level": "read committed", "ssl_mode": "VERIFY_IDENTITY", "init_command": "SET x = 1"}}
	driver, dsn, dropped = d.DSN()
	m, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	if driver != "mysql" || m.Addr != "[::1]:3306" || m.DBName != "shop/db?" || m.User != "ann" || m.Passwd != oddPassword || m.TLSConfig != "true" || m.Timeout.Seconds() != 5 || !m.ClientFoundRows {
		t.Errorf("%s %+v", driver, m)
	}
	if m.Params["sql_mode"] != "'TRADITIONAL'" || !slices.Equal(dropped, []string{"init_command", "isolation_level"}) {
		t.Errorf("%v, dropped %q", m.Params, dropped)
	}
	for mode, want := range map[string]string{"": "preferred", "DISABLED": "", "REQUIRED": "skip-verify", "PREFERRED": "preferred"} {
		_, dsn, dropped := databaseurl.Database{Engine: databaseurl.MySQL, Options: map[string]string{"ssl_mode": mode}}.DSN()
		if m, err := mysql.ParseDSN(dsn); err != nil || m.TLSConfig != want || len(dropped) > 0 {
			t.Errorf("ssl_mode %q: %+v, %v, dropped %q", mode, m, err, dropped)
		}
	}
	_, dsn, _ = databaseurl.Database{Engine: databaseurl.MySQL, Host: "/run/my.sock", User: "ann"}.DSN()
	if m, err := mysql.ParseDSN(dsn); err != nil || m.Net != "unix" || m.Addr != "/run/my.sock" || m.User != "ann" || m.TLSConfig != "" {
		t.Errorf("a socket: %+v, %v", m, err)
	}
	// What protects the connection is never dropped without being named.
	_, _, dropped = databaseurl.Database{Engine: databaseurl.MySQL, Options: map[string]string{"ssl-ca": "a.pem", "ssl_mode": "VERIFY_CA"}}.DSN()
	if !slices.Contains(dropped, "ssl-ca") {
		t.Errorf("dropped %q", dropped)
	}

	if _, _, dropped := (databaseurl.Database{Engine: databaseurl.MySQL, User: "a:b"}).DSN(); !slices.Equal(dropped, []string{"user"}) {
		t.Errorf("a user with a colon: dropped %q", dropped)
	}

	name := filepath.Join(t.TempDir(), "a b?%#é.sqlite3")
	sqlx.MustOpen("sqlite", "file://"+strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23", " ", "%20").Replace(name)).MustExec("CREATE TABLE there (n int)")
	driver, dsn, dropped = databaseurl.Database{Engine: databaseurl.SQLite, Name: name, Options: map[string]string{"timeout": "5"}}.DSN()
	if _, err := sqlx.MustOpen(driver, dsn).Exec("INSERT INTO there VALUES (1)"); err != nil || len(dropped) > 0 {
		t.Errorf("%s: %v, dropped %q", dsn, err, dropped)
	}
	if _, err := sqlx.MustOpen(driver, strings.Replace(dsn, "sqlite3", "missing", 1)).Exec("SELECT 1"); err == nil {
		t.Error("the DSN creates a missing file")
	}
}
