package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// oddities is a session that a detour through Go's own types would spoil.
const oddities = `{"f":1.0,"big":1180591620717411303424,"nan":NaN,"z":{"b":1,"a":-Infinity},"u":"\ud83d\ude00\ud800","e":1e+16,"a":null,"":[]}`

func TestCreateAndShow(t *testing.T) {
	c := newSite(t)
	key := c.create(oddities)
	if len(key) != 32 || strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		t.Errorf("key %q", key)
	}
	if got := c.ok("show", key); got != oddities+"\n" {
		t.Errorf("show prints %s, want %s", got, oddities)
	}
	if got := c.ok("show", c.create("{}")); got != "{}\n" {
		t.Errorf("show of an empty session prints %s", got)
	}
	if got := c.ok("show", strings.TrimSpace(c.ok("create"))); got != "{}\n" {
		t.Errorf("show of a session without data prints %s", got)
	}
	if again := c.create(oddities); again == key {
		t.Error("two sessions with one key")
	}
}

func TestPretty(t *testing.T) {
	c := newSite(t)
	key := c.create(`{"a":{"n":NaN,"s":"{\"x\": [1,2]}"},"l":[1.0,[],{}],"e":{}}`)
	want := `{
  "a": {
    "n": NaN,
    "s": "{\"x\": [1,2]}"
  },
  "l": [
    1.0,
    [],
    {}
  ],
  "e": {}
}
`
	if got := c.ok("show", key, "--pretty"); got != want {
		t.Errorf("got %s", got)
	}
}

func TestMeta(t *testing.T) {
	c := newSite(t).with("DJANGO_SESSION_COOKIE_AGE", "600")
	for _, test := range []struct {
		json                 string
		user                 any
		age                  any
		closes               bool
		keys, fromNow, small int
	}{
		{`{}`, nil, 600.0, false, 0, 600, 60},
		{`{"_auth_user_id":"7","a":1}`, "7", 600.0, false, 2, 600, 90},
		{`{"_auth_user_id":7,"_session_expiry":0}`, "7", 600.0, true, 2, 600, 110},
		{`{"_auth_user_id":null,"_session_expiry":3600}`, nil, 3600.0, false, 2, 3600, 120},
	} {
		key := c.create(test.json)
		var meta map[string]any
		if err := json.Unmarshal([]byte(c.ok("show", "--meta", key)), &meta); err != nil {
			t.Fatal(err)
		}
		expires, err := time.Parse(time.RFC3339Nano, fmt.Sprint(meta["expire_date"]))
		if err != nil {
			t.Fatal(err)
		}
		if off := time.Until(expires) - time.Duration(test.fromNow)*time.Second; off > 0 || off < -time.Minute || expires.Location() != time.UTC {
			t.Errorf("%s expires %v", test.json, expires)
		}
		if size := meta["size"].(float64); size < 50 || int(size) > test.small || int(size) != len(c.data(key)) {
			t.Errorf("%s has size %v", test.json, size)
		}
		delete(meta, "expire_date")
		delete(meta, "size")
		want := map[string]any{"session_key": key, "user_id": test.user, "expiry_age": test.age, "expire_at_browser_close": test.closes, "keys": float64(test.keys)}
		if fmt.Sprint(meta) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", test.json, meta, want)
		}
	}
	// An expiry that makes no sense, which Django would not have saved.
	c.insert("nonsensenonsensenonsensenonsense", sign(c.t, c, `{"_session_expiry":"tomorrow"}`), "2999-01-02 03:04:05.5")
	got := c.ok("show", "--meta", "nonsensenonsensenonsensenonsense")
	if !strings.Contains(got, `"expiry_age":null`) || !strings.Contains(got, `"expire_date":"2999-01-02T03:04:05.5Z"`) {
		t.Errorf("got %s", got)
	}
	if pretty := c.ok("show", "--meta", "--pretty", "nonsensenonsensenonsensenonsense"); !strings.Contains(pretty, "\n  \"keys\": 1,\n") {
		t.Errorf("got %s", pretty)
	}
}

// TestEveryDatabase goes once through all commands on each kind.
func TestEveryDatabase(t *testing.T) {
	for name, database := range map[string]func(t *testing.T) *testenv.Database{
		"SQLite":     func(t *testing.T) *testenv.Database { return testenv.SQLite(t) },
		"PostgreSQL": func(t *testing.T) *testenv.Database { return servers.New(t, testenv.PostgreSQLVendor) },
		"PgBouncer":  func(t *testing.T) *testenv.Database { return servers.PgBouncer(t).NewDatabase(t) },
		"MariaDB":    func(t *testing.T) *testenv.Database { return servers.New(t, testenv.MySQLVendor) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newCLI(t).on(database(t))
			key := c.create(`{"_auth_user_id":"7","price":1.0}`)
			c.ok("set", key, "n", "-5")
			c.ok("unset", key, "price")
			if got := c.ok("show", key); got != `{"_auth_user_id":"7","n":-5}`+"\n" {
				t.Errorf("show: %s", got)
			}
			if got := c.list(); !strings.HasPrefix(got, key+"\t7\t20") {
				t.Errorf("list: %s", got)
			}
			other := c.create("{}")
			c.run("list", "--limit", "1", "--json").check(t, statusDone, c.run("list", "--limit", "1", "--json").stdout, "1 of 2 sessions")
			c.ok("delete", other)
			if got := c.ok("get", key, "n"); got != "-5\n" {
				t.Errorf("get: %s", got)
			}
			if got := c.ok("show", "--meta", key); !strings.Contains(got, `"expiry_age":1209600`) {
				t.Errorf("show --meta: %s", got)
			}
			c.run("show", absentKey).check(t, 1, "", "no such session")
			c.run("show", "a\x00b'\"\\;--").check(t, 1, "", "a session key has only the characters")
			c.run("delete", "a\x00b'\"\\;--").check(t, 1, "", "no such session")
			c.run("delete", "a'\"\\;--ü").check(t, 1, "", "no such session")
			c.run("show", strings.ToUpper(key)).check(t, 1, "", "no such session")
			c.run("delete", strings.ToUpper(key)).check(t, 1, "", "no such session")
			c.run("list", "--table", "shop").check(t, 2, "", `"shop" is missing`)
			c.insert(staleKey, "x", "2001-02-03 04:05:06")
			c.run("show", staleKey).check(t, 1, "", "expired")
			r := c.run("list", "--expired")
			r.check(t, statusNegative, r.stdout, "1 of 1 session cannot be read")
			if !strings.HasPrefix(r.stdout, staleKey+"\t?\t2001-02-03T") {
				t.Errorf("list --expired: %s", r.stdout)
			}
			c.run("list", "--expired", "--limit", "1").check(t, statusNegative, r.stdout, "1 session\n")
			c.run("clearsessions", "--dry-run").check(t, statusDone, "1\n", "")
			c.ok("clearsessions")
			c.run("delete", staleKey).check(t, 1, "", "no such session")
			c.insert(staleKey, "x", "2001-02-03 04:05:06")
			c.ok("delete", staleKey)
			c.ok("delete", key)
			if got := c.list("--limit", "0"); got != "" {
				t.Errorf("left over: %s", got)
			}
		})
	}
}
