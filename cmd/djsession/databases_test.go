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
			if got, want := strings.Count(c.list(), "\n"), i+2; got != want {
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

func postgresConfig(t *testing.T, url string) *pgx.ConnConfig {
	t.Helper()
	config, err := postgreSQLConfig(parseURL(t, url))
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func TestPostgreSQLConfig(t *testing.T) {
	clearLibpqEnvironment(t)
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
}
