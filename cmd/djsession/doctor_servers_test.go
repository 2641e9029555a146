package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// onServer is a site with a session on a database server.
func onServer(t *testing.T, d *testenv.Database) *cli {
	t.Helper()
	c := newCLI(t).on(d)
	c.create(`{"a":1}`)
	return c
}

// as returns the site as another user of the database sees it, whom statements make: %s is their
// name.
func (c *cli) as(d *testenv.Database, user string, statements ...string) *cli {
	c.t.Helper()
	for _, statement := range statements {
		c.exec(strings.ReplaceAll(statement, "%s", user))
	}
	scheme, rest, _ := strings.Cut(d.URL(), "://")
	_, host, _ := strings.Cut(rest, "@")
	return c.with("DATABASE_URL", scheme+"://"+user+":pass-of-"+user+"@"+host)
}

// loggedIn adds users to a database, and a session with a login by one who is not there.
func (c *cli) loggedIn(create string) {
	c.t.Helper()
	c.exec(create)
	c.create(`{"_auth_user_id":"1","_auth_user_backend":"django.contrib.auth.backends.ModelBackend","_auth_user_hash":"x"}`)
}

const usersTable = "CREATE TABLE auth_user (id integer NOT NULL PRIMARY KEY, password varchar(128) NOT NULL, username varchar(150) NOT NULL, is_active boolean NOT NULL, last_login timestamp NULL)"

func TestDoctorOnPostgreSQL(t *testing.T) {
	server := servers.PostgreSQL(t)
	login := "CREATE ROLE %s LOGIN PASSWORD 'pass-of-%s'"
	grant := func(rights, table string) string { return "GRANT " + rights + " ON " + table + " TO %s" }
	user := 0
	as := func(t *testing.T, statements ...string) (*cli, []string) {
		user++
		d := server.NewDatabase(t)
		c := onServer(t, d)
		c.loggedIn(usersTable)
		name := fmt.Sprintf("doctor%d", user)
		t.Cleanup(func() { c.exec("DROP OWNED BY " + name); c.exec("DROP ROLE " + name) })
		return c.as(d, name, append([]string{login}, statements...)...), nil
	}
	clearLibpqEnvironment(t)
	url := func(change func(url string) string) func(*testing.T) (*cli, []string) {
		return func(t *testing.T) (*cli, []string) {
			c := onServer(t, server.NewDatabase(t))
			return c.with("DATABASE_URL", change(c.env["DATABASE_URL"])), nil
		}
	}
	table := func(statements ...string) func(*testing.T) (*cli, []string) {
		return func(t *testing.T) (*cli, []string) {
			c := onServer(t, server.NewDatabase(t))
			for _, statement := range statements {
				c.exec(statement)
			}
			return c, nil
		}
	}
	diagnosed(t, map[string]brokenSetup{
		"nothing":        {"", table()},
		"wrong password": {"database-password", url(func(u string) string { return strings.Replace(u, ":"+server.Password+"@", ":wrong@", 1) })},
		"wrong database": {"database-missing", url(func(u string) string { return u[:strings.LastIndex(u, "/")] + "/none" })},
		"wrong port":     {"database-unreachable", url(func(u string) string { return strings.Replace(u, fmt.Sprintf(":%d/", server.Port), ":1/", 1) })},
		"TLS":            {"database-tls", url(func(u string) string { return u + "?sslmode=require" })},
		"another database of the server": {"database-not-migrated", func(t *testing.T) (*cli, []string) {
			return newCLI(t).with("DATABASE_URL", server.NewDatabase(t).URL()), nil
		}},
		"a schema that is not searched": {"search-path", url(func(u string) string { return u + "?currentSchema=nowhere" })},
		"no rights":                     {"right-missing", func(t *testing.T) (*cli, []string) { return as(t) }},
		"read-only role": {"right-missing users-other", func(t *testing.T) (*cli, []string) {
			return as(t, grant("SELECT", "django_session"), grant("SELECT", "auth_user"))
		}},
		"no right on the users": {"right-missing", func(t *testing.T) (*cli, []string) {
			return as(t, grant("SELECT, INSERT, UPDATE, DELETE", "django_session"))
		}},
		"users read-only": {"right-missing users-other", func(t *testing.T) (*cli, []string) {
			return as(t, grant("SELECT, INSERT, UPDATE, DELETE", "django_session"), grant("SELECT", "auth_user"))
		}},
		"a closed schema": {"right-missing", func(t *testing.T) (*cli, []string) {
			return as(t, "CREATE SCHEMA closed", "ALTER TABLE django_session SET SCHEMA closed", "GRANT ALL ON closed.django_session TO %s")
		}},
		"a closed schema, named": {"right-missing", func(t *testing.T) (*cli, []string) {
			c, _ := as(t, "CREATE SCHEMA closed", "ALTER TABLE django_session SET SCHEMA closed", "GRANT ALL ON closed.django_session TO %s")
			return c.with("DJANGO_SESSION_TABLE", "closed.django_session"), nil
		}},
		"no rights, and a closed schema of another site": {"right-missing", func(t *testing.T) (*cli, []string) {
			return as(t, "CREATE SCHEMA closed", "CREATE TABLE closed.django_session (LIKE django_session)")
		}},
		"another site's columns": {"", table("CREATE SCHEMA other", "CREATE TABLE other.django_session (LIKE django_session)",
			"ALTER TABLE other.django_session ADD account integer NOT NULL", "ALTER TABLE django_session ADD note text")},
		"few connections": {"users-other", func(t *testing.T) (*cli, []string) {
			return as(t, grant("ALL", "django_session"), grant("ALL", "auth_user"), "ALTER ROLE %s CONNECTION LIMIT 2")
		}},
		"an empty table beside that of the site": {"table-renamed", table("CREATE TABLE shop_session AS SELECT * FROM django_session", "DELETE FROM django_session")},
		"row-level security": {"no-sessions row-security", func(t *testing.T) (*cli, []string) {
			return as(t, grant("ALL", "django_session"), grant("ALL", "auth_user"), "ALTER TABLE django_session ENABLE ROW LEVEL SECURITY")
		}},
		"read-only transactions": {"read-only users-other", func(t *testing.T) (*cli, []string) {
			return as(t, grant("ALL", "django_session"), grant("ALL", "auth_user"), "ALTER ROLE %s SET default_transaction_read_only = on")
		}},
		"synchronous_commit":    {"synchronous-commit", url(func(u string) string { return u + "?options=-c%20synchronous_commit%3Doff" })},
		"an unlogged table":     {"table-unlogged", table("ALTER TABLE django_session SET UNLOGGED")},
		"a longer key":          {"key-length", table("ALTER TABLE django_session ALTER session_key TYPE varchar(128)")},
		"a short data column":   {"data-column-short", table("ALTER TABLE django_session ALTER session_data TYPE varchar(4096)")},
		"a short key column":    {"key-column-short no-sessions", table("DELETE FROM django_session", "ALTER TABLE django_session ALTER session_key TYPE varchar(20)")},
		"a time without a zone": {"expire-date-type", table("ALTER TABLE django_session ALTER expire_date TYPE timestamp")},
		"a text as the time":    {"expire-date-type", table("ALTER TABLE django_session ALTER expire_date TYPE text")},
		"no primary key":        {"session-key-not-unique", table("ALTER TABLE django_session DROP CONSTRAINT django_session_pkey")},
		"PgBouncer, known": {"", func(t *testing.T) (*cli, []string) {
			d := server.NewDatabase(t)
			c := onServer(t, d)
			url := servers.PgBouncer(t).Database(d.Name).URL()
			file := settingsFileOf(t, map[string]any{"DATABASES": map[string]any{"default": map[string]any{"DRIVER": "pgx", "DSN": url + "?default_query_exec_mode=exec", "URL": url}}})
			return c.with("DATABASE_URL", ""), []string{"--settings", file}
		}},
		"PgBouncer": {"pgbouncer-transaction", func(t *testing.T) (*cli, []string) {
			d := server.NewDatabase(t)
			c := onServer(t, d)
			return c.with("DATABASE_URL", servers.PgBouncer(t).Database(d.Name).URL()), nil
		}},
	})
}

func TestDoctorOnMariaDB(t *testing.T) {
	server := servers.MariaDB(t)
	login := "CREATE USER %s IDENTIFIED BY 'pass-of-%s'"
	user := 0
	as := func(t *testing.T, grants ...string) (*cli, []string) {
		user++
		d := server.NewDatabase(t)
		c := onServer(t, d)
		c.exec(usersTable)
		name := fmt.Sprintf("doctor%d", user)
		t.Cleanup(func() { c.exec("DROP USER " + name) })
		statements := []string{login, "GRANT SELECT, UPDATE ON `" + d.Name + "`.auth_user TO %s"}
		for _, rights := range grants {
			statements = append(statements, "GRANT "+rights+" ON `"+d.Name+"`.django_session TO %s")
		}
		return c.as(d, name, statements...), nil
	}
	changed := func(change func(url string) string, statements ...string) func(*testing.T) (*cli, []string) {
		return func(t *testing.T) (*cli, []string) {
			c := onServer(t, server.NewDatabase(t))
			for _, statement := range statements {
				c.exec(statement)
			}
			if change != nil {
				c = c.with("DATABASE_URL", change(c.env["DATABASE_URL"]))
			}
			return c, nil
		}
	}
	tls := "database-tls"
	if server.NewDatabase(t).Connect(t, "tls=skip-verify").Ping() == nil {
		tls = "" // newer servers make a certificate by themselves
	}
	diagnosed(t, map[string]brokenSetup{
		"nothing":        {"", changed(nil)},
		"wrong password": {"database-password", changed(func(u string) string { return strings.Replace(u, ":"+server.Password+"@", ":wrong@", 1) })},
		"wrong database": {"database-missing", changed(func(u string) string { return u[:strings.LastIndex(u, "/")] + "/none" })},
		"wrong port":     {"database-unreachable", changed(func(u string) string { return strings.Replace(u, fmt.Sprintf(":%d/", server.Port), ":1/", 1) })},
		"no rights": {"database-rights", func(t *testing.T) (*cli, []string) {
			d := server.NewDatabase(t)
			c := onServer(t, d)
			t.Cleanup(func() { c.exec("DROP USER nobody_here") })
			return c.as(d, "nobody_here", login), nil
		}},
		"no right on the table":  {"right-missing", func(t *testing.T) (*cli, []string) { return as(t) }},
		"read-only":              {"right-missing", func(t *testing.T) (*cli, []string) { return as(t, "SELECT") }},
		"no DELETE":              {"right-missing", func(t *testing.T) (*cli, []string) { return as(t, "SELECT, INSERT, UPDATE") }},
		"all that is needed":     {"", func(t *testing.T) (*cli, []string) { return as(t, "SELECT, INSERT, UPDATE, DELETE") }},
		"autocommit off":         {"autocommit-off", changed(func(u string) string { return u + "?init_command=SET%20autocommit%20%3D%200" })},
		"read-only transactions": {"read-only", changed(func(u string) string { return u + "?init_command=SET%20SESSION%20TRANSACTION%20READ%20ONLY" })},
		"a replica": {"replica", func(t *testing.T) (*cli, []string) {
			c := onServer(t, server.NewDatabase(t))
			c.exec("SET GLOBAL read_only = 1")
			t.Cleanup(func() { c.exec("SET GLOBAL read_only = 0") })
			return c, nil
		}},
		"a short data column": {"data-column-short", changed(nil, "ALTER TABLE django_session MODIFY session_data text NOT NULL")},
		"no index": {"index-missing", func(t *testing.T) (*cli, []string) {
			c := onServer(t, server.NewDatabase(t))
			var name string
			if err := c.db.QueryRow("SELECT index_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND column_name = 'expire_date'").Scan(&name); err != nil {
				t.Fatal(err)
			}
			c.exec("DROP INDEX " + name + " ON django_session")
			return c, nil
		}},
		"TLS":              {tls, changed(func(u string) string { return u + "?ssl_mode=REQUIRED" })},
		"a further column": {"table-extra-columns", changed(nil, "ALTER TABLE django_session ADD account integer NOT NULL")},
		"another database's users": {"", func(t *testing.T) (*cli, []string) {
			other := newCLI(t).on(server.NewDatabase(t))
			other.exec(strings.Replace(usersTable, "auth_user", "crm_user", 1))
			return onServer(t, server.NewDatabase(t)), nil
		}},
		"local times": {"time-zone", func(t *testing.T) (*cli, []string) {
			c := newCLI(t).on(server.NewDatabase(t))
			c.with("DJANGO_USE_TZ", "False").with("DJANGO_TIME_ZONE", "Europe/Berlin").create(`{"a":1}`)
			return c, nil
		}},
	})
}

// TestRightsAreNamed: the message has what to grant, on which table, to whom.
func TestRightsAreNamed(t *testing.T) {
	for name, server := range map[string]*testenv.Server{"PostgreSQL": servers.PostgreSQL(t), "MariaDB": servers.MariaDB(t)} {
		t.Run(name, func(t *testing.T) {
			d := server.NewDatabase(t)
			c := onServer(t, d)
			login, quoted, granted := "CREATE ROLE %s LOGIN PASSWORD 'pass-of-%s'", `"reader"`, `"django_session"`
			if name == "MariaDB" {
				login, quoted, granted = "CREATE USER %s IDENTIFIED BY 'pass-of-%s'", "'reader'@'%'", "`django_session`"
			}
			t.Cleanup(func() {
				if name == "PostgreSQL" {
					c.exec("DROP OWNED BY reader")
				}
				c.exec("DROP USER reader")
			})
			seen := c.as(d, "reader", login, "GRANT SELECT ON django_session TO %s")
			if name == "PostgreSQL" { // another site's table, which the user may not see
				c.exec("CREATE SCHEMA closed")
				c.exec("CREATE TABLE closed.django_session (LIKE django_session)")
			}
			want := "GRANT INSERT, UPDATE, DELETE ON " + granted + " TO " + quoted
			if r := diagnose(t, seen); !strings.Contains(r.text(), want) {
				t.Errorf("%s\nwant %s", r.text(), want)
			}
			var n int
			if err := c.db.QueryRow("SELECT COUNT(*) FROM django_session").Scan(&n); err != nil || n != 1 {
				t.Errorf("%d sessions: %v", n, err)
			}
		})
	}
}

// TestDoctorOnStandby: a standby is told from its primary.
func TestDoctorOnStandby(t *testing.T) {
	primary := testenv.PostgreSQL(t, testenv.Durable())
	d := primary.NewDatabase(t)
	c := onServer(t, d)
	standby := testenv.Standby(t, primary)
	if r := diagnose(t, c.with("DATABASE_URL", standby.Database(d.Name).URL())); !slices.Contains(r.problems(), "replica") || r.Failures != 1 {
		t.Errorf("%s", r.text())
	}
}
