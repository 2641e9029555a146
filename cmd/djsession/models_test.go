package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// The session models of other packages, as their migrations make them.
func TestSessionModels(t *testing.T) {
	for _, test := range []struct{ model, columns, user string }{
		{"user_sessions", "user_agent varchar(200) NULL, last_activity datetime NOT NULL, ip char(39) NULL, user_id integer NULL", "user_id"},
		{"qsessions", "user_agent varchar(300) NULL, created_at datetime NOT NULL, updated_at datetime NOT NULL, ip char(39) NULL, user_id integer NULL", "user_id"},
	} {
		t.Run(test.model, func(t *testing.T) {
			c := newSite(t)
			table := test.model + "_session"
			c.exec("CREATE TABLE " + table + " (session_key varchar(40) NOT NULL PRIMARY KEY, session_data text NOT NULL, expire_date datetime NOT NULL, " + test.columns + ")")
			c = c.with("DJANGO_SESSION_MODEL", test.model)
			key := c.create(`{"a":1}`)
			c.ok("set", key, "_auth_user_id", `"7"`)
			if got := c.ok("show", key); got != `{"a":1,"_auth_user_id":"7"}`+"\n" {
				t.Errorf("show prints %s", got)
			}
			var user int
			if err := c.db.QueryRow("SELECT " + test.user + " FROM " + table).Scan(&user); err != nil || user != 7 {
				t.Errorf("user_id is %d: %v", user, err)
			}
			if got := c.list("--user", "7"); !strings.HasPrefix(got, key) {
				t.Errorf("list prints %s", got)
			}
			c.exec("CREATE TABLE visits AS SELECT * FROM " + table)
			c.ok("show", key, "--table", "visits")
			c.ok("clearsessions")
			c.ok("delete", key)
		})
	}
	newSite(t).run("list", "--session-model", "redis_sessions").check(t, statusFailed, "", "user_sessions or qsessions")
	newSite(t).run("list", "--session-model", "qsessions").check(t, statusFailed, "", `"qsessions_session" is missing`)
}

// Keys may be longer than Django's, if the column is.
func TestKeyLength(t *testing.T) {
	c := newSite(t)
	key := strings.Repeat("k", 128)
	c.insert(key, sign(t, c, `{"a":1}`), "2999-01-01 00:00:00")
	for _, args := range [][]string{{"show", key}, {"show", "--meta", key}, {"get", key, "a"}, {"set", key, "a", "2"}, {"unset", key, "a"}, {"logout", key}} {
		r := c.run(args...)
		r.check(t, statusNegative, "", "at most 40 characters; this one has 128: set DJANGO_SESSION_KEY_LENGTH")
		if strings.Contains(r.stderr, "no such session") {
			t.Errorf("%q: stderr %q", args, r.stderr)
		}
	}
	long := c.with("DJANGO_SESSION_KEY_LENGTH", "128")
	long.ok("set", key, "b", "2")
	if got := long.ok("show", key); got != `{"a":1,"b":2}`+"\n" {
		t.Errorf("show prints %s", got)
	}
	long.ok("delete", key)
	for _, length := range []string{"31", "0", "-1", "many", "65536"} {
		c.with("DJANGO_SESSION_KEY_LENGTH", length).run("list").check(t, statusFailed, "", "DJANGO_SESSION_KEY_LENGTH")
	}
}

// Every form of db_table names its table.
func TestTableForms(t *testing.T) {
	c := newSite(t)
	for table, quoted := range map[string]string{`"shop.session"`: `"shop.session"`, `main"."shop`: "shop", `"main"."shop two"`: `"shop two"`, "main.shop3": "shop3", "Sitzung": "Sitzung"} {
		c.exec("CREATE TABLE " + quoted + " AS SELECT * FROM django_session")
		named := c.with("DJANGO_SESSION_TABLE", table)
		key := named.create("{}")
		if n := strings.Count(named.list(), "\n"); n != 1 {
			t.Errorf("%s lists %d sessions", table, n)
		}
		named.ok("delete", key)
	}
}

// A row with an odd expire_date is marked, and the others are listed.
func TestListOddRows(t *testing.T) {
	c := newSite(t)
	good := c.create(`{"_auth_user_id":"7"}`)
	for i, expires := range []string{"2999-01-02T03:04:05Z", "2999-01-02", "garbage"} {
		c.insert(fmt.Sprintf("odd%d00000000", i), sign(t, c, `{"_auth_user_id":"8"}`), expires)
	}
	c.insert("normal000000", sign(t, c, `{}`), "2999-01-02 03:04:05")
	r := c.run("list")
	r.check(t, statusDone, r.stdout, "5 sessions\ndjsession: 3 of 5 sessions have a column that does not hold what Django writes there")
	if lines := strings.Count(r.stdout, "\n"); lines != 5 || strings.Count(r.stdout, "\t8\t?\t") != 3 || !strings.Contains(r.stdout, good+"\t7\t2") {
		t.Errorf("list prints %s", r.stdout)
	}
	r = c.run("list", "--json")
	if strings.Count(r.stdout, `"expire_date":null`) != 3 || strings.Count(r.stdout, `"readable":true`) != 5 {
		t.Errorf("list --json prints %s", r.stdout)
	}
	for i := range 3 {
		key := fmt.Sprintf("odd%d00000000", i)
		r := c.run("show", "--meta", key)
		if r.status != statusDone || !strings.Contains(r.stdout, `"expire_date":null`) {
			t.Errorf("show --meta: status %d, %s%s", r.status, r.stdout, r.stderr)
		}
		c.ok("delete", key)
	}
	// SQLite sorts numbers before all text: this one counts as expired.
	c.insert("number000000", "x", "9999999999")
	c.run("list", "--expired").check(t, statusNegative, "number000000\t?\t?\t1\n", "1 of 1 session")
	c.ok("delete", "number000000")
	c.run("delete", "number000000").check(t, statusNegative, "", "no such session")
}

// What the options ask for works on a server as well.
func TestSessionModelOnPostgreSQL(t *testing.T) {
	c := newCLI(t).on(servers.New(t, testenv.PostgreSQLVendor))
	c.exec(`CREATE TABLE qsessions_session (session_key varchar(40) NOT NULL PRIMARY KEY, session_data text NOT NULL, expire_date timestamptz NOT NULL,
		user_agent varchar(300) NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, ip inet NULL, user_id integer NULL)`)
	c = c.with("DJANGO_SESSION_MODEL", "qsessions")
	key := c.create(`{"_auth_user_id":"7"}`)
	c.ok("set", key, "a", "1")
	if got := c.list("--user", "7"); !strings.HasPrefix(got, key) {
		t.Errorf("list prints %s", got)
	}
}
