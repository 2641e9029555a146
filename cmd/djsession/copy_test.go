package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// awkward are sessions that a careless copy would spoil.
var awkward = []string{
	oddities, `{}`, `{"_session_expiry":0,"a":1}`, `{"_session_expiry":3600}`, `{"_session_expiry":"2199-01-02T03:04:05.678901+00:00"}`,
	`{"_auth_user_id":"7","_auth_user_backend":"b","_auth_user_hash":"h"}`, `{"\u00e9\ud83d\ude00 \"":["\u0000",{"b":{"a":[]}}]}`,
	`{"large":"` + strings.Repeat("0123456789abcdef", 5000) + `"}`,
}

// targetOf returns c with the settings of d as those of copy's target.
func (c *cli) targetOf(d *cli) *cli {
	env := maps.Clone(c.env)
	for name, value := range d.env {
		env["TO_"+name] = value
	}
	if _, ok := d.env["DJANGO_SESSION_ENGINE"]; !ok {
		env["TO_DJANGO_SESSION_ENGINE"] = "db"
	}
	return &cli{c.t, env, c.db}
}

// contents returns what show prints of each session, and when it expires.
func contents(c *cli) (data map[string]string, expires map[string]time.Time) {
	c.t.Helper()
	data, expires = map[string]string{}, map[string]time.Time{}
	for line := range strings.Lines(c.list("--limit", "0", "--json")) {
		var l listed
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			c.t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339Nano, *l.ExpireDate)
		if err != nil {
			c.t.Fatal(err)
		}
		data[l.SessionKey], expires[l.SessionKey] = c.ok("show", l.SessionKey), at
	}
	return data, expires
}

// nextSecond waits for the next second. Within one, a copy in a table is signed as before,
// and dbstore takes it for the same write.
func nextSecond() { time.Sleep(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) }

// TestCopy copies between every two engines.
func TestCopy(t *testing.T) {
	n := len(awkward)
	var again []func()
	for from, source := range testEngines {
		for to, target := range testEngines {
			name := from + " to " + to
			c, d := source(t, newSite(t)), target(t, newSite(t))
			began := time.Now()
			for i, text := range awkward {
				age := fmt.Sprint(1000 + 100*i)
				if r := c.with("DJANGO_SESSION_COOKIE_AGE", age).run("create", text); r.status != 0 {
					t.Fatal(r)
				}
			}
			both := c.targetOf(d)
			both.run("copy").check(t, 0, "", fmt.Sprintf("%d sessions copied\n", n))
			// In a file, a session's own _session_expiry begins with the copy.
			latest := time.Since(began) + 2*time.Second
			data, expires := contents(c)
			copies, expire := contents(d)
			if len(data) != n || !maps.Equal(data, copies) {
				t.Errorf("%s: %d sessions became %d, or changed", name, len(data), len(copies))
			}
			for key, at := range expires {
				if off := expire[key].Sub(at); off < -2*time.Second || off > latest {
					t.Errorf("%s: %s expires at %v, and the copy %v later", name, data[key], at, off)
				}
			}
			again = append(again, func() { both.run("copy").check(t, 0, "", fmt.Sprintf("0 sessions copied; %d already there\n", n)) })
		}
	}
	nextSecond()
	for _, copy := range again {
		copy()
	}
}

// A session that is in the target with other data stays there, unless it is to be replaced.
func TestCopyOver(t *testing.T) {
	for _, to := range []string{"db", "cache", "file"} {
		t.Run(to, func(t *testing.T) {
			c, d := newSite(t), testEngines[to](t, newSite(t))
			both := c.targetOf(d)
			earlier, later, ended := c.create(`{"a":1}`), c.create(`{"a":1}`), c.create(`{"a":1}`)
			both.run("copy").check(t, 0, "", "3 sessions copied\n")
			// Within a second, dbstore takes a copy that is there already for the same write.
			said := func(words string) string {
				if to == "db" {
					return " copied"
				}
				return words
			}
			c.with("DJANGO_SESSION_COOKIE_AGE", "2000000").ok("set", earlier, "b", "2")
			d.ok("set", later, "b", "3")
			d.ok("delete", ended)
			fresh := d.create(`{"new":true}`)

			r := both.run("copy")
			lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
			slices.Sort(lines)
			want := []string{earlier + "\tdifferent", later + "\tdifferent"}
			slices.Sort(want)
			if !slices.Equal(lines, want) {
				t.Errorf("stdout %q, want %q", lines, want)
			}
			r.check(t, 1, r.stdout, said("1 session copied; 2 left as they are in the target, where they differ\n"))
			if got := d.ok("show", earlier); got != `{"a":1}`+"\n" {
				t.Errorf("it was overwritten: %s", got)
			}
			wantUpdate := "0 sessions copied; 1 replaced; 1 already there; 1 left as they are in the target, where they differ\n"
			both.run("copy", "--update").check(t, 1, later+"\tdifferent\n", said(wantUpdate))
			if got := d.ok("show", earlier); got != `{"a":1,"b":2}`+"\n" {
				t.Errorf("it was not updated: %s", got)
			}
			if got := d.ok("show", later); got != `{"a":1,"b":3}`+"\n" {
				t.Errorf("it was overwritten: %s", got)
			}
			both.run("copy", "--overwrite").check(t, 0, "", said("0 sessions copied; 1 replaced; 2 already there\n"))
			if got := d.ok("show", later); got != `{"a":1}`+"\n" {
				t.Errorf("it was not overwritten: %s", got)
			}
			c.ok("delete", ended)
			both.run("copy", "--update", "--prune").check(t, 0, "", said("0 sessions copied; 2 deleted from the target, since they are not in the source; 2 already there\n"))
			d.run("show", ended).check(t, 1, "", "no such session")
			d.run("show", fresh).check(t, 1, "", "no such session")
		})
	}
}

// What cannot be copied is left out and counted, and stays in the source.
func TestCopyLeavesOut(t *testing.T) {
	c := newSite(t)
	good := c.create(`{"a":1}`)
	c.insert(brokenKey, "eyJhIjoxfQ:1wQzBd:c2lnbmF0dXJl", "2999-01-01 00:00:00")
	c.insert(staleKey, c.data(good), "2001-02-03 04:05:06")
	c.insert("undatedundatedundatedundated0000", c.data(good), "tomorrow")
	c.insert("not a key", c.data(good), "2999-01-01 00:00:00")
	d := testEngines["cache"](t, newSite(t))
	want := []string{"\"not a key\"\tunwritable", brokenKey + "\tunreadable", "undatedundatedundatedundated0000\tno-expiry"}
	for range 2 {
		r := c.targetOf(d).run("copy")
		lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
		slices.Sort(lines)
		if r.status != 1 || !slices.Equal(lines, want) {
			t.Errorf("status %d, stdout %q, stderr %q", r.status, lines, r.stderr)
		}
		for _, part := range []string{"1 not copied: they cannot be read", "1 not copied: they have no valid expiry", "1 not copied: they hold a value"} {
			if !strings.Contains(r.stderr, part) {
				t.Errorf("stderr %q has no %q", r.stderr, part)
			}
		}
	}
	if got := d.ok("show", good); got != `{"a":1}`+"\n" {
		t.Error(got)
	}
	// An expired session in the target does not keep a key from one that lives.
	e := newSite(t)
	e.insert(good, "x", "2001-02-03 04:05:06")
	if r := c.targetOf(e).run("copy"); !strings.Contains(r.stderr, "1 session copied") {
		t.Errorf("%+v", r)
	}
	if got := e.ok("show", good); got != `{"a":1}`+"\n" {
		t.Error(got)
	}
	// One that cannot be read is not overwritten.
	e.exec("UPDATE django_session SET session_data = 'x', expire_date = '2999-01-01 00:00:00'")
	if r := c.targetOf(e).run("copy", "--overwrite"); r.status != 1 || !strings.Contains(r.stdout, good+"\tdifferent\n") || e.data(good) != "x" {
		t.Errorf("%+v", r)
	}
}

// pickledTuple is Python's pickle of {"t": (1, "x"), "when": datetime(2026, 1, 2, 3, 4, 5)}.
const pickledTuple = "\x80\x04\x95\x41\x00\x00\x00\x00\x00\x00\x00\x7d\x94\x28\x8c\x01\x74\x94\x4b\x01\x8c\x01\x78\x94\x86\x94\x8c\x04\x77\x68\x65\x6e\x94\x8c\x08\x64\x61\x74\x65\x74\x69\x6d\x65\x94\x8c\x08\x64\x61\x74\x65\x74\x69\x6d\x65\x94\x93\x94\x43\x0a\x07\xea\x01\x02\x03\x04\x05\x00\x00\x00\x94\x85\x94\x52\x94\x75\x2e"

// Python's values are copied as they are to where pickles are, and else left out.
func TestCopyPython(t *testing.T) {
	from := newSite(t).with("DJANGO_SESSION_SERIALIZER", "pickle").with("DJANGO_VERSION", "4.2")
	key := from.create(`{"a":1}`)
	from.insert("tuples00", sign(t, from, pickledTuple), "2999-01-01 00:00:00")
	cache := testEngines["cache"](t, newSite(t))
	from.targetOf(cache).run("copy").check(t, 0, "", "2 sessions copied\n")
	r := cache.run("show", "tuples00")
	r.check(t, 0, `{"t":[1,"x"],"when":"2026-01-02T03:04:05"}`+"\n", "JSON has no form for 2 values (date, tuple)")
	cache.ok("set", "tuples00", "b", "true")
	cache.ok("unset", "tuples00", "b")
	cache.run("get", "tuples00", "t").check(t, 0, "[1,\"x\"]\n", "JSON has no form for 1 value (tuple)")

	db := newSite(t)
	cache.targetOf(db).run("copy").check(t, 1, "tuples00\tunwritable\n", "1 session copied; 1 not copied: they hold a value that the target cannot hold\n")
	if got := db.ok("show", key); got != `{"a":1}`+"\n" {
		t.Error(got)
	}
	// And back, with the values that they had.
	back := newSite(t).with("DJANGO_SESSION_SERIALIZER", "pickle").with("DJANGO_VERSION", "4.2")
	cache.targetOf(back).run("copy").check(t, 0, "", "2 sessions copied\n")
	back.run("get", "tuples00", "when").check(t, 0, `"2026-01-02T03:04:05"`+"\n", "(date)")
}

func TestCopySettings(t *testing.T) {
	c := newSite(t)
	for _, test := range []struct {
		args  []string
		words string
	}{
		{nil, "no target; set TO_DJANGO_SESSION_ENGINE (or --to-engine)"},
		{[]string{"--to-engine", "db"}, "source and target are the same"},
		{[]string{"--to-engine", "etcd"}, "target: TO_DJANGO_SESSION_ENGINE (or --to-engine) is one of"},
		{[]string{"--to-engine", "cache"}, "target: no cache; set TO_CACHE_URL (or --to-cache-url)"},
		{[]string{"--to-engine", "db", "--to-database-url", "sqlite:///nowhere"}, `of TO_DATABASE_URL (or --to-database-url) does not exist`},
		{[]string{"--to-engine", "db", "--to-database-url", "sqlite:///nowhere", "--to-cache-url", "redis://h"}, "--to-cache-url is for the engine cache"},
		{[]string{"--to-engine", "signed_cookies"}, "signed_cookies cannot be copied"},
		{[]string{"--engine", "signed_cookies", "--to-engine", "db"}, "signed_cookies cannot be copied"},
		{[]string{"--to-engine", "file", "--update", "--overwrite"}, "cannot be used together"},
		{[]string{"--engine", "cache", "--cache-url", "redis://127.0.0.1:1/0", "--to-engine", "db"}, "connection refused"},
	} {
		c.run(append([]string{"copy"}, test.args...)...).check(t, 2, "", test.words)
	}
	server := servers.Memcached(t).Addr()
	c.run("copy", "--engine", "cache", "--cache-url", "memcached://"+server, "--to-engine", "db").check(t, 2, "", "cannot be listed")
	c.create(`{"a":1}`)
	to := []string{"--to-engine", "cache", "--to-cache-url", "memcached://" + server, "--to-cache-key-prefix", testenv.NewKeyPrefix()}
	c.run(append([]string{"copy", "--update"}, to...)...).check(t, 2, "", "--update and --prune need a target that can list")
	c.run(append([]string{"copy"}, to...)...).check(t, 0, "", "1 session copied\n")
	c.run(append([]string{"copy"}, to...)...).check(t, 0, "", "0 sessions copied; 1 already there\n")
	// An empty flag is Django's default, and not the source's value.
	c.run("copy", "--session-model", "qsessions", "--to-engine", "db", "--to-session-model", "").check(t, 2, "", `table "qsessions_session" is missing`)
}
