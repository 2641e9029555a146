package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
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

// TestSet: all that is not set stays as it was, byte for byte and in its place.
func TestSet(t *testing.T) {
	c := newSite(t)
	for _, test := range []struct{ name, value, want string }{
		{"new", `"x"`, oddities[:len(oddities)-1] + `,"new":"x"}`},
		{"f", `2.50`, strings.Replace(oddities, `"f":1.0`, `"f":2.50`, 1)},
		{"", ` [ {"é" : "ü"} ] `, strings.Replace(oddities, `"":[]`, `"":[{"\u00e9":"\u00fc"}]`, 1)},
		{"é", `{}`, oddities[:len(oddities)-1] + `,"\u00e9":{}}`},
		{"n", `-5`, oddities[:len(oddities)-1] + `,"n":-5}`},
		{"n", `-1.5e-7`, oddities[:len(oddities)-1] + `,"n":-1.5e-7}`},
		{"n", `-Infinity`, oddities[:len(oddities)-1] + `,"n":-Infinity}`},
		{"-5", `-6`, oddities[:len(oddities)-1] + `,"-5":-6}`},
		{"a", `null`, oddities},
	} {
		key := c.create(oddities)
		if out := c.ok("set", key, test.name, test.value); out != "" {
			t.Errorf("set prints %q", out)
		}
		if got := c.ok("show", key); got != test.want+"\n" {
			t.Errorf("%s set to %s: %s, want %s", test.name, test.value, got, test.want)
		}
	}
	key := c.create("{}")
	c.ok("set", key, "--table=django_session", "--", "--name", "1")
	c.ok("set", key, "m", "-1", "--table", "django_session")
	c.ok("--table", "django_session", "set", key, "n", "-2", "--engine=db")
	if got := c.ok("show", key); got != `{"--name":1,"m":-1,"n":-2}`+"\n" {
		t.Errorf("got %s", got)
	}
}

func TestUnset(t *testing.T) {
	c := newSite(t)
	key := c.create(oddities)
	c.ok("unset", key, "nan")
	c.ok("unset", key, "")
	want := strings.Replace(strings.Replace(oddities, `"nan":NaN,`, "", 1), `,"":[]`, "", 1)
	if got := c.ok("show", key); got != want+"\n" {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestSetInParallel has a hundred writers set a name each in one session.
func TestSetInParallel(t *testing.T) {
	c := newSite(t)
	key := c.create(oddities)
	var writers sync.WaitGroup
	for i := range 100 {
		writers.Go(func() {
			if r := c.run("set", key, fmt.Sprintf("name %d", i), fmt.Sprint(i)); r.status != 0 {
				t.Errorf("writer %d: %+v", i, r)
			}
		})
	}
	writers.Wait()
	var names map[string]json.RawMessage
	text := c.ok("show", key)
	rest, found := strings.CutPrefix(text, oddities[:len(oddities)-1]+",")
	if !found {
		t.Fatalf("the session is %s", text)
	}
	if err := json.Unmarshal([]byte("{"+rest), &names); err != nil {
		t.Fatal(err)
	}
	if len(names) != 100 {
		t.Errorf("%d of 100 names are there", len(names))
	}
	for i := range 100 {
		if got := string(names[fmt.Sprintf("name %d", i)]); got != fmt.Sprint(i) {
			t.Errorf("name %d is %q", i, got)
		}
	}
}

// TestSetMeetsRubbish has another writer spoil the row between load and save:
// that must end in an answer, not in a session with one value.
func TestSetMeetsRubbish(t *testing.T) {
	c := newSite(t)
	key := c.create(oddities)
	c.exec(`CREATE TRIGGER spoil BEFORE UPDATE ON django_session WHEN old.session_data <> 'rubbish' BEGIN
		UPDATE django_session SET session_data = 'rubbish' WHERE session_key = old.session_key; SELECT RAISE(IGNORE); END`)
	c.run("set", key, "a", "1").check(t, 1, "", "cannot be read")
	if got := c.data(key); got != "rubbish" {
		t.Errorf("the row is %q", got)
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

func TestList(t *testing.T) {
	c := newSite(t)
	row := func(name, payload, expires string) string {
		key := fmt.Sprintf("%-32s", name)
		key = strings.ReplaceAll(key, " ", "0")
		data := payload
		if payload != "broken" {
			data = sign(t, c, payload)
		}
		c.insert(key, data, expires)
		return fmt.Sprintf("%s\t%%s\t%s\t%d\n", key, strings.ReplaceAll(expires[:19], " ", "T")+"Z", len(data))
	}
	old := row("old", `{"_auth_user_id":"1"}`, "2001-01-01 00:00:00")
	older := row("older", `{}`, "2000-01-01 00:00:00")
	one := row("one", `{"_auth_user_id":"1","_auth_user_idx":"9"}`, "2991-01-01 00:00:00")
	two := row("two", `{}`, "2992-01-01 00:00:00.25")
	three := row("three", "broken", "2993-01-01 00:00:00")
	four := row("four", `{"_auth_user_id":"a\tb\u001b[31m\n"}`, "2994-01-01 00:00:00")
	five := row("five", `{"_auth_user_id":"123e4567-e89b-12d3-a456-426614174000"}`, "2995-01-01 00:00:00")
	six := row("six", `{"_auth_user_id":"-"}`, "2996-01-01 00:00:00")

	newest := fmt.Sprintf(six, `"-"`) + fmt.Sprintf(five, "123e4567-e89b-12d3-a456-426614174000") +
		fmt.Sprintf(four, `"a\tb\u001b[31m\n"`) + fmt.Sprintf(three, "?") + fmt.Sprintf(two, "-") + fmt.Sprintf(one, "1")
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"list"}, newest},
		{[]string{"list", "--limit", "0"}, newest},
		{[]string{"list", "--limit", "1"}, fmt.Sprintf(six, `"-"`)},
		{[]string{"list", "--expired"}, fmt.Sprintf(old, "1") + fmt.Sprintf(older, "-")},
		{[]string{"list", "--expired", "--limit=1"}, fmt.Sprintf(old, "1")},
	} {
		if r := c.run(test.args...); r.status != statusDone || r.stdout != test.want {
			t.Errorf("%q: status %d, prints\n%s, want\n%s", test.args, r.status, r.stdout, test.want)
		}
	}

	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(c.run("list", "--json").stdout), "\n") {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprint(l["user_id"], " ", l["expire_date"], " ", l["readable"]))
	}
	want := []string{
		"- 2996-01-01T00:00:00Z true", "123e4567-e89b-12d3-a456-426614174000 2995-01-01T00:00:00Z true",
		"a\tb\x1b[31m\n 2994-01-01T00:00:00Z true", "<nil> 2993-01-01T00:00:00Z false",
		"<nil> 2992-01-01T00:00:00.25Z true", "1 2991-01-01T00:00:00Z true",
	}
	if fmt.Sprintf("%q", lines) != fmt.Sprintf("%q", want) {
		t.Errorf("list --json: %q, want %q", lines, want)
	}
}

// What list quotes is JSON, and holds nothing that a terminal would act on.
func TestListQuotes(t *testing.T) {
	for _, text := range []string{"", "-", "?", "a\x07b", "a b\U0001F600", "\x7f", "\u009b31m", "\u2028", "\u202e", "<&>", `"`, `a"\ b`, "a\ttab", "\u00a0"} {
		quoted := plain(text)
		if quoted == text {
			if text != "<&>" {
				t.Errorf("%q is not quoted", text)
			}
			continue
		}
		var back string
		if err := json.Unmarshal([]byte(quoted), &back); err != nil || back != text {
			t.Errorf("%q is printed as %s: %v", text, quoted, err)
		}
		if strings.ContainsFunc(quoted, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%q is printed as %q", text, quoted)
		}
	}
	if quoted := plain("\xff"); !json.Valid([]byte(quoted)) {
		t.Errorf("%q is not JSON", quoted)
	}
}

func TestListStopsAtTwenty(t *testing.T) {
	c := newSite(t)
	for range 25 {
		c.create("{}")
	}
	for limit, want := range map[string]int{"": 20, "--limit=0": 25, "--limit=22": 22, "--limit=100": 25} {
		var args []string
		if limit != "" {
			args = append(args, limit)
		}
		if got := strings.Count(c.list(args...), "\n"); got != want {
			t.Errorf("%q prints %d lines, want %d", args, got, want)
		}
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
