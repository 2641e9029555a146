package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/djsession/djsession/internal/databaseurl"
	"github.com/djsession/djsession/internal/testenv"
)

func parseURL(t *testing.T, url string) databaseurl.Database {
	t.Helper()
	d, err := databaseurl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// File names may hold whatever has a meaning in a URI.
func TestSQLiteFileNames(t *testing.T) {
	t.Chdir(t.TempDir())
	// The database is made under a plain name, so that this test does not name
	// files as the command does.
	made := newCLI(t).on(testenv.SQLiteFile("made"))
	made.create("{}")
	made.db.Close()
	content, err := os.ReadFile("made")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"plain.db", "a b.db", "a?mode=memory", "a#b.db", "50%.db", "50%41.db", `ü'".db`, "file:x.db", "-.db", `a\b`, "sub//dir/x.db"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		absolute, err := filepath.Abs(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, path := range []string{name, absolute, "/" + absolute} {
			c := newCLI(t).with("DATABASE_URL", "sqlite:///"+percentEncode(path))
			c.create("{}")
			if got, want := strings.Count(c.ok("list"), "\n"), i+2; got != want {
				t.Errorf("%q holds %d sessions, want %d", path, got, want)
			}
		}
	}
	left, err := filepath.Glob("*journal*")
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}

func percentEncode(path string) string {
	var b strings.Builder
	for i := range len(path) {
		fmt.Fprintf(&b, "%%%02x", path[i])
	}
	return b.String()
}

// What Django's OPTIONS may hold for Python's connection does no harm.
func TestSQLiteOptions(t *testing.T) {
	c := newSite(t)
	url := c.env["DATABASE_URL"]
	c.with("DATABASE_URL", url+"?timeout=20&transaction_mode=IMMEDIATE&init_command=PRAGMA%20journal_mode%3Dwal").ok("create")
	c.with("DATABASE_URL", url+"?mode=memory").run("create").check(t, 2, "", "option mode")
}

func postgresConfig(t *testing.T, url string) *pgx.ConnConfig {
	t.Helper()
	config, err := postgreSQLConfig(parseURL(t, url))
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func TestPostgreSQLConfig(t *testing.T) {
	for _, name := range []string{"PGHOST", "PGUSER", "PGPASSWORD", "PGPORT", "PGDATABASE", "PGSSLMODE", "PGOPTIONS", "PGSERVICE"} {
		t.Setenv(name, "") // which puts it back in the end
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	config := postgresConfig(t, `postgres://us%27er:pa%5Css%27w%20@db.example.com:5433/sh%5Cop%27?sslmode=require&application_name=it%27s`)
	if config.User != "us'er" || config.Password != `pa\ss'w ` || config.Host != "db.example.com" || config.Port != 5433 ||
		config.Database != `sh\op'` || config.TLSConfig == nil || config.RuntimeParams["application_name"] != "it's" {
		t.Errorf("got %+v", config.Config)
	}
	if config.DefaultQueryExecMode != pgx.QueryExecModeExec {
		t.Errorf("execution mode %v would prepare statements, which PgBouncer cannot keep", config.DefaultQueryExecMode)
	}
	if c := postgresConfig(t, "postgres://%2Fvar%2Frun%2Fpg/shop"); c.Host != "/var/run/pg" || c.TLSConfig != nil {
		t.Errorf("socket: host %q", c.Host)
	}
	if c := postgresConfig(t, "postgres://h/shop?currentSchema=a,b&assume_role=web&keepalives=1&isolation_level=2&user=me&password=pw"); c.RuntimeParams["options"] != "-c search_path=a,b" ||
		c.RuntimeParams["role"] != "web" || len(c.RuntimeParams) != 2 || c.User != "me" || c.Password != "pw" {
		t.Errorf("options: user %q, parameters %v", c.User, c.RuntimeParams)
	}
	if c := postgresConfig(t, "postgres://[::1]/shop?connect_timeout=3"); c.Host != "::1" || c.ConnectTimeout != 3*time.Second {
		t.Errorf("IPv6: host %q, time-out %v", c.Host, c.ConnectTimeout)
	}
	t.Setenv("PGHOST", "from.example.com")
	t.Setenv("PGPASSWORD", "from the environment")
	if c := postgresConfig(t, "postgres:///shop"); c.Host != "from.example.com" || c.Password != "from the environment" {
		t.Errorf("environment: host %q", c.Host)
	}
	if c := postgresConfig(t, "postgres://u:own@h/shop"); c.Host != "h" || c.Password != "own" {
		t.Errorf("environment over URL: host %q", c.Host)
	}
	for _, url := range []string{"postgres://h/shop?sslmode=maybe", "postgres://h/shop?sslpassword=x", "postgres://h/shop?hostaddr=::1"} {
		if _, err := postgreSQLConfig(parseURL(t, url)); err == nil {
			t.Errorf("%s is accepted", url)
		}
	}
}

func TestMySQLConfig(t *testing.T) {
	for _, test := range []struct{ url, network, address, user, password, name, tls string }{
		{"mysql://u:p%40w@db.example.com/shop", "tcp", "db.example.com:3306", "u", "p@w", "shop", "preferred"},
		{"mysql2://u@h:3307/shop?charset=utf8mb4&init_command=SET%20x&sql_mode=y", "tcp", "h:3307", "u", "", "shop", "preferred"},
		{"mysql://[::1]/shop?ssl_mode=disabled", "tcp", "[::1]:3306", "", "", "shop", ""},
		{"mysql:///shop?ssl_mode=REQUIRED", "tcp", "localhost:3306", "", "", "shop", "skip-verify"},
		{"mysql://u:p@localhost/shop?unix_socket=/run/my.sock", "unix", "/run/my.sock", "u", "p", "shop", ""},
		{"mysql://u:p@%2Frun%2Fmy.sock/shop", "unix", "/run/my.sock", "u", "p", "shop", ""},
		{"mysql://h/?user=u&passwd=p&db=shop", "tcp", "h:3306", "u", "p", "shop", "preferred"},
	} {
		c, err := mysqlConfig(parseURL(t, test.url))
		if err != nil {
			t.Errorf("%s: %v", test.url, err)
			continue
		}
		if c.Net != test.network || c.Addr != test.address || c.User != test.user || c.Passwd != test.password || c.DBName != test.name || c.TLSConfig != test.tls || c.TLS != nil {
			t.Errorf("%s: got %s %s, user %q, database %q, TLS %q", test.url, c.Net, c.Addr, c.User, c.DBName, c.TLSConfig)
		}
	}
	c, err := mysqlConfig(parseURL(t, "mysql://h/shop?connect_timeout=3&read_timeout=4&write_timeout=5"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Timeout != 3*time.Second || c.ReadTimeout != 4*time.Second || c.WriteTimeout != 5*time.Second {
		t.Errorf("time-outs %v, %v, %v", c.Timeout, c.ReadTimeout, c.WriteTimeout)
	}
	for url, words := range map[string]string{
		"mysql://h/shop?ssl_mode=maybe":                 "ssl_mode",
		"mysql://h/shop?connect_timeout=soon":           "connect_timeout",
		"mysql://h/shop?ssl-ca=/nowhere":                "ssl-ca",
		"mysql://h/shop?ssl-cert=x&read_default_file=y": "option read_default_file, ssl-cert",
	} {
		if _, err := mysqlConfig(parseURL(t, url)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %q", url, err, words)
		}
	}
}
