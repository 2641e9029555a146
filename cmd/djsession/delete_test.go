package main

import (
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// Delete removes what Load would not: expired and unreadable sessions. It needs no
// secret key.
func TestDelete(t *testing.T) {
	c, key := newBusySite(t)
	c = c.with("DJANGO_SECRET_KEY", "")
	for _, key := range []string{key, staleKey, brokenKey} {
		c.run("delete", key).check(t, 0, "", "")
		c.run("delete", key).check(t, 1, "", "no such session")
	}
}

func TestDeleteSeveral(t *testing.T) {
	for name, remove := range map[string]func(c *cli, keys ...string) result{
		"arguments": func(c *cli, keys ...string) result { return c.run(append([]string{"delete"}, keys...)...) },
		"stdin": func(c *cli, keys ...string) result {
			return c.feed(strings.NewReader(strings.Join(keys, "\n")+"\n\n"), "delete", "-")
		},
		"stdin with CRLF": func(c *cli, keys ...string) result {
			return c.feed(strings.NewReader(strings.Join(keys, "\r\n")), "delete", "-")
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, key := newBusySite(t)
			kept := c.create("{}")
			r := remove(c, key, absentKey, staleKey, brokenKey)
			r.check(t, statusNegative, "", " 2: no such session\n")
			if strings.Count(r.stderr, "\n") != 1 || strings.Contains(r.stderr, absentKey) {
				t.Errorf("stderr %q", r.stderr)
			}
			for _, key := range []string{key, staleKey, brokenKey} {
				c.run("delete", key).check(t, statusNegative, "", "no such session")
			}
			remove(c, kept, kept+"x").check(t, statusNegative, "", "2: no such session")
			c.run("show", kept).check(t, statusNegative, "", "no such session")
			a, b := c.create("{}"), c.create("{}")
			remove(c, a, b).check(t, statusDone, "", "")
			if got := c.list(); got != "" {
				t.Errorf("left over: %s", got)
			}
		})
	}
	c := newSite(t)
	c.okFed("", "delete", "-")
	key := c.create("{}")
	c.run("delete", "-", key).check(t, statusNegative, "", "argument 1: no such session")
	c.run("delete").check(t, statusFailed, "", "0 arguments given")
}

// A database that fails ends it.
func TestDeleteSeveralWithoutTable(t *testing.T) {
	c := newSite(t).with("DJANGO_SESSION_TABLE", "nowhere")
	c.run("delete", absentKey, staleKey).check(t, statusFailed, "", `"nowhere" is missing`)
	c.feed(strings.NewReader(absentKey+"\n"), "delete", "-").check(t, statusFailed, "", `"nowhere" is missing`)
}

func TestClearSessions(t *testing.T) {
	c, key := newBusySite(t)
	noKey := c.with("DJANGO_SECRET_KEY", "")
	for range 2 {
		noKey.run("clearsessions", "--dry-run").check(t, statusDone, "1\n", "")
	}
	if got := c.run("list", "--expired").stdout; !strings.Contains(got, staleKey) {
		t.Errorf("a dry run deletes: %q", got)
	}
	noKey.run("clearsessions").check(t, statusDone, "", "")
	noKey.run("clearsessions", "--dry-run").check(t, statusDone, "0\n", "")
	if got := c.list("--expired"); got != "" {
		t.Errorf("expired sessions are left: %q", got)
	}
	if got := c.run("list").stdout; !strings.Contains(got, key) || !strings.Contains(got, brokenKey) {
		t.Errorf("sessions are gone that had not expired: %q", got)
	}
}

func TestGet(t *testing.T) {
	c := newSite(t)
	key := c.create(oddities)
	for name, want := range map[string]string{
		"f": "1.0", "big": "1180591620717411303424", "nan": "NaN", "z": `{"b":1,"a":-Infinity}`, "u": `"\ud83d\ude00\ud800"`, "e": "1e+16", "a": "null", "": "[]",
	} {
		if got := c.ok("get", key, name); got != want+"\n" {
			t.Errorf("get %s prints %q, want %s", name, got, want)
		}
	}
	if got := c.ok("get", key, "z", "--pretty"); got != "{\n  \"b\": 1,\n  \"a\": -Infinity\n}\n" {
		t.Errorf("get --pretty prints %q", got)
	}
	c.run("get", key, "no").check(t, statusNegative, "", "no value of that name")
}

func TestListUser(t *testing.T) {
	c := newSite(t)
	for range 25 {
		c.create(`{"_auth_user_id":"7"}`)
	}
	for _, json := range []string{`{"_auth_user_id":"77"}`, `{"user":"7"}`, `{}`} {
		c.create(json)
	}
	number := c.create(`{"_auth_user_id":8}`)
	for _, test := range []struct {
		args  []string
		lines int
		words string
	}{
		{[]string{"--user", "7"}, 20, "20 of 25 sessions; --limit 0 lists all"},
		{[]string{"--user", "7", "--limit", "0"}, 25, "25 sessions"},
		{[]string{"--user", "7", "--limit", "30", "--json"}, 25, "25 sessions"},
		{[]string{"--user", "77"}, 1, "1 session\n"},
		{[]string{"--user", "8"}, 1, "1 session\n"},
		{[]string{"--user", "9"}, 0, "0 sessions"},
		{[]string{"--user", "7", "--expired"}, 0, "0 sessions"},
		{nil, 20, "20 of 29 sessions; --limit 0 lists all"},
		{[]string{"--limit", "29"}, 29, "djsession: 29 sessions\n"},
	} {
		r := c.run(append([]string{"list"}, test.args...)...)
		if got := strings.Count(r.stdout, "\n"); r.status != statusDone || got != test.lines || !strings.Contains(r.stderr, test.words) {
			t.Errorf("list %q: status %d, %d lines, stderr %q", test.args, r.status, got, r.stderr)
		}
	}
	if got := c.list("--user", "8"); !strings.HasPrefix(got, number+"\t8\t") {
		t.Errorf("list --user 8 prints %s", got)
	}
	c.run("list", "--user", "").check(t, statusFailed, "", "--user needs the id")
}

// Delete removes what list shows, whatever is in the row, by the key as list prints it.
func TestDeleteOddRows(t *testing.T) {
	odd := []string{strings.Repeat("k", 100), "a key with blanks", "dotted.key=/+", "short", "quoted\"key", "sechzehn-ü-\U0001F600", "'; DROP TABLE x; --", "-", "\x07bell-key"}
	for name, vendor := range map[string]testenv.Vendor{"SQLite": testenv.SQLiteVendor, "PostgreSQL": testenv.PostgreSQLVendor, "MariaDB": testenv.MySQLVendor} {
		t.Run(name, func(t *testing.T) {
			c := newCLI(t).on(servers.New(t, vendor))
			switch vendor {
			case testenv.PostgreSQLVendor:
				c.exec("ALTER TABLE django_session ALTER COLUMN session_key TYPE varchar(128)")
			case testenv.MySQLVendor:
				c.exec("ALTER TABLE django_session MODIFY session_key varchar(128) CHARACTER SET utf8mb4 NOT NULL")
			}
			insert := func() {
				for _, key := range odd {
					c.insert(strings.ReplaceAll(key, "'", "''"), sign(t, c, "{}"), "2999-01-01 00:00:00")
				}
			}
			insert()
			keep := c.create("{}")
			var keys strings.Builder
			for line := range strings.Lines(c.list("--limit", "0")) {
				if key, _, _ := strings.Cut(line, "\t"); key != keep {
					keys.WriteString(key + "\n")
				}
			}
			c.okFed(keys.String(), "delete", "-")
			insert()
			c.ok(append([]string{"delete", "--"}, odd...)...)
			if got := c.list(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, keep) {
				t.Errorf("left over: %s", got)
			}
			// A key that is equal by the column's collation alone is another one.
			for _, key := range []string{strings.ToUpper(keep), keep + " ", keep[:31]} {
				c.run("delete", key).check(t, statusNegative, "", "no such session")
			}
			c.ok("show", keep)
		})
	}
}

// Without an expiry a row is neither live nor expired.
func TestDeleteWithoutExpiry(t *testing.T) {
	c := newSite(t)
	c.exec("DROP TABLE django_session")
	c.exec("CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text, expire_date datetime)")
	c.exec("INSERT INTO django_session VALUES ('nodate000000', 'x', NULL), ('nodata000000', NULL, NULL)")
	c.ok("delete", "nodate000000", "nodata000000")
	c.run("delete", "nodate000000").check(t, statusNegative, "", "no such session")
}
