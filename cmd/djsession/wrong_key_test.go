package main

import (
	"strings"
	"testing"
)

// With a wrong key every command says which settings to compare, writes nothing and
// deletes nothing that it was not told to.
func TestWrongKey(t *testing.T) {
	c := newUsers(t)
	key := c.logIn()
	c.ok("set", key, "cart", `{"sku-1":2}`)
	for name, wrong := range map[string]*cli{
		"secret key":  c.with("DJANGO_SECRET_KEY", "another"),
		"fallback":    c.with("DJANGO_SECRET_KEY", "another").with("DJANGO_SECRET_KEY_FALLBACKS", "a third,a fourth"),
		"store class": c.with("DJANGO_SESSION_STORE_CLASS", "ShopStore"),
		"version":     c.with("DJANGO_VERSION", "2.2"),
	} {
		t.Run(name, func(t *testing.T) {
			before := c.data(key)
			for _, args := range [][]string{
				{"show", key}, {"show", "--meta", key}, {"get", key, "cart"}, {"set", key, "cart", "{}"}, {"set", key, "new", "1"}, {"unset", key, "cart"},
				{"unset", key, "nope"}, {"whoami", key}, {"logout", key}, {"logout", "--user", "ann"}, {"list"}, {"list", "--json"}, {"list", "--user", "1"},
			} {
				r := wrong.run(args...)
				if r.status != statusNegative || !strings.Contains(r.stderr, "cannot be read") || !strings.Contains(r.stderr, "compare DJANGO_SECRET_KEY") {
					t.Errorf("%q: status %d, stderr %q", args, r.status, r.stderr)
				}
				if c.data(key) != before {
					t.Fatalf("%q changed the row", args)
				}
				if strings.Contains(r.stderr, key) {
					t.Errorf("%q: the key is in stderr", args)
				}
			}
			for _, r := range []result{wrong.run("create"), wrong.feed(strings.NewReader(annPassword), "login", "ann")} {
				r.check(t, statusNegative, "", "Django would not accept a new one; compare DJANGO_SECRET_KEY")
			}
			var n int
			if err := c.db.QueryRow("SELECT COUNT(*) FROM django_session").Scan(&n); err != nil || n != 1 {
				t.Errorf("%d sessions are there: %v", n, err)
			}
			wrong.ok("clearsessions")
			if c.data(key) != before {
				t.Error("the row has changed")
			}
		})
	}
}

// A key that was changed in Django reads the old sessions as a fallback.
func TestCreateAfterKeyRotation(t *testing.T) {
	c := newSite(t)
	key := c.create(`{"a":1}`)
	rotated := c.with("DJANGO_SECRET_KEY", "rotated")
	rotated.run("create").check(t, statusNegative, "", "put the old one into DJANGO_SECRET_KEY_FALLBACKS")
	second := rotated.with("DJANGO_SECRET_KEY_FALLBACKS", testSecret).create("{}")
	rotated.ok("show", second)
	rotated.create("{}") // one of the sessions is readable
	c.ok("show", key)
}

// Data that is signed well but is not JSON, a pickle say, is Django's.
func TestUnsupportedData(t *testing.T) {
	c := newSite(t)
	c.insert(brokenKey, sign(t, c, `not JSON`), "2999-01-01 00:00:00")
	before := c.data(brokenKey)
	for _, args := range [][]string{{"show", brokenKey}, {"set", brokenKey, "a", "1"}, {"unset", brokenKey, "a"}, {"get", brokenKey, "a"}, {"list"}, {"logout", brokenKey}} {
		r := c.run(args...)
		if r.status != statusNegative || !strings.Contains(r.stderr, "compare DJANGO_SESSION_SERIALIZER") || strings.Contains(r.stderr, "SECRET_KEY") {
			t.Errorf("%q: status %d, stderr %q", args, r.status, r.stderr)
		}
		if c.data(brokenKey) != before {
			t.Fatalf("%q changed the row", args)
		}
	}
}

// One session that cannot be read is mentioned, and is no reason to fail.
func TestListWithUnreadable(t *testing.T) {
	c, key := newBusySite(t)
	other := c.create(`{"b":1}`)
	for _, args := range [][]string{{"list"}, {"list", "--json"}} {
		r := c.run(args...)
		r.check(t, statusDone, r.stdout, "djsession: 3 sessions\ndjsession: 1 of 3 sessions cannot be read; compare DJANGO_SECRET_KEY")
		for _, key := range []string{key, other, brokenKey} {
			if !strings.Contains(r.stdout, key) {
				t.Errorf("%q does not list all: %s", args, r.stdout)
			}
		}
	}
}
