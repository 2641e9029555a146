package main

import (
	"os"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

func nothingMore(c *cli, args ...string) (*cli, []string) { return c, args }

// onFile is newCLI with an SQLite file of this content.
func onFile(t *testing.T, content string) *cli {
	return newCLI(t).with("DATABASE_URL", "sqlite:///"+file(t, "db.sqlite3", content))
}

func TestDoctorOnSettings(t *testing.T) {
	diagnosed(t, map[string]brokenSetup{
		"no key":         {"secret-key-missing", func(t *testing.T) (*cli, []string) { return nothingMore(newHealthy(t).with("DJANGO_SECRET_KEY", "")) }},
		"no USE_TZ":      {"use-tz-missing", func(t *testing.T) (*cli, []string) { return nothingMore(newHealthy(t).with("DJANGO_USE_TZ", "")) }},
		"an odd version": {"settings-invalid", func(t *testing.T) (*cli, []string) { return nothingMore(newHealthy(t).with("DJANGO_VERSION", "five")) }},
		"an unknown engine": {"settings-invalid", func(t *testing.T) (*cli, []string) {
			return nothingMore(newHealthy(t).with("DJANGO_SESSION_ENGINE", "shop.sessions"))
		}},
		"no settings file": {"settings-file", func(t *testing.T) (*cli, []string) { return nothingMore(newHealthy(t), "--settings", "none.json") }},
		"a broken settings file": {"settings-file", func(t *testing.T) (*cli, []string) {
			return nothingMore(newHealthy(t), "--settings", file(t, "settings.json", `{"DJSESSION_SETTINGS": 1, "SECRET_KEY"`))
		}},
		"a settings file for all": {"settings-file-readable", func(t *testing.T) (*cli, []string) {
			path := file(t, "settings.json", `{"DJSESSION_SETTINGS": 1, "SECRET_KEY": "`+testSecret+`"}`)
			if err := os.Chmod(path, 0o644); err != nil {
				t.Fatal(err)
			}
			return nothingMore(newHealthy(t), "--settings", path)
		}},
		"an unset variable in the key": {"secret-key-shell secret-key-wrong", func(t *testing.T) (*cli, []string) {
			return nothingMore(newHealthy(t).with("DJANGO_SECRET_KEY", "${SECRET_KEY}"))
		}},
		"a short key": {"no-sessions secret-key-truncated", func(t *testing.T) (*cli, []string) {
			return nothingMore(newUsers(t).with("DJANGO_SECRET_KEY", "django-ins"))
		}},
	})
}

func TestDoctorOnSQLite(t *testing.T) {
	diagnosed(t, map[string]brokenSetup{
		"no database": {"database-url", func(t *testing.T) (*cli, []string) { return nothingMore(newCLI(t)) }},
		"no URL":      {"database-url", func(t *testing.T) (*cli, []string) { return nothingMore(newCLI(t).with("DATABASE_URL", "shop")) }},
		"another file": {"sqlite-missing", func(t *testing.T) (*cli, []string) {
			return nothingMore(newCLI(t).with("DATABASE_URL", "sqlite:///"+t.TempDir()+"/none.sqlite3"))
		}},
		"a directory": {"sqlite-missing", func(t *testing.T) (*cli, []string) {
			return nothingMore(newCLI(t).with("DATABASE_URL", "sqlite:///"+t.TempDir()))
		}},
		"in memory": {"sqlite-in-memory", func(t *testing.T) (*cli, []string) {
			return nothingMore(newCLI(t).with("DATABASE_URL", "sqlite://:memory:"))
		}},
		"an empty file":  {"database-empty", func(t *testing.T) (*cli, []string) { return nothingMore(onFile(t, "")) }},
		"not a database": {"sqlite-not-a-database", func(t *testing.T) (*cli, []string) { return nothingMore(onFile(t, "SECRET_KEY = 1\n")) }},
		"not to be written": {"sqlite-read-only", func(t *testing.T) (*cli, []string) {
			c := newHealthy(t)
			return nothingMore(c.with("DATABASE_URL", c.env["DATABASE_URL"]+"?init_command=PRAGMA%20query_only%3D1"))
		}},
		"locked": {"sqlite-busy", func(t *testing.T) (*cli, []string) {
			d := testenv.SQLite(t)
			c := newCLI(t).on(d)
			d.Lock(t)
			return nothingMore(c)
		}},
		"not migrated": {"database-not-migrated", func(t *testing.T) (*cli, []string) {
			c := newSite(t)
			c.exec("ALTER TABLE django_session RENAME TO other")
			c.exec("ALTER TABLE other DROP COLUMN session_data")
			return nothingMore(c)
		}},
		"without sessions' migration": {"table-missing", func(t *testing.T) (*cli, []string) {
			c := newUsers(t)
			c.exec("DROP TABLE django_session")
			return nothingMore(c)
		}},
		"a model of its own": {"table-renamed", func(t *testing.T) (*cli, []string) {
			c := newHealthy(t)
			c.exec("ALTER TABLE django_session RENAME TO shop_session")
			return nothingMore(c)
		}},
		"another package's model": {"table-renamed", func(t *testing.T) (*cli, []string) {
			c := newHealthy(t)
			c.exec("ALTER TABLE django_session RENAME TO user_sessions_session")
			return nothingMore(c)
		}},
		"another table": {"table-columns", func(t *testing.T) (*cli, []string) {
			return nothingMore(newHealthy(t).with("DJANGO_SESSION_TABLE", "auth_user"))
		}},
		"no primary key": {"index-missing session-key-not-unique", func(t *testing.T) (*cli, []string) {
			c := newHealthy(t)
			c.exec("CREATE TABLE copied AS SELECT * FROM django_session")
			c.exec("DROP TABLE django_session")
			c.exec("ALTER TABLE copied RENAME TO django_session")
			return nothingMore(c)
		}},
		"no index": {"index-missing", func(t *testing.T) (*cli, []string) {
			c := newHealthy(t)
			var name string
			if err := c.db.QueryRow("SELECT name FROM pragma_index_list('django_session') WHERE origin = 'c'").Scan(&name); err != nil {
				t.Fatal(err)
			}
			c.exec(`DROP INDEX "` + name + `"`)
			return nothingMore(c)
		}},
		"a column that is required": {"cookie-age-differs table-extra-columns", func(t *testing.T) (*cli, []string) {
			c := newUsers(t)
			c.exec("DROP TABLE django_session")
			c.exec("CREATE TABLE django_session (session_key varchar(40) NOT NULL PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL, ip text NOT NULL)")
			c.exec("CREATE INDEX e ON django_session (expire_date)")
			c.exec("INSERT INTO django_session VALUES ('0123456789abcdef0123456789abcdef', '" + sign(t, c, `{"a":1}`) + "', '2999-01-01 00:00:00', '')")
			return nothingMore(c)
		}},
		"no sessions": {"no-sessions", func(t *testing.T) (*cli, []string) { return nothingMore(newUsers(t)) }},
		"a backlog": {"expired-backlog", func(t *testing.T) (*cli, []string) {
			c := newHealthy(t)
			c.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001) INSERT INTO django_session SELECT printf('%032d', i), 'x', '2001-01-01 00:00:00' FROM n")
			return nothingMore(c)
		}},
	})
}
