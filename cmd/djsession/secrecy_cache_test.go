package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// Whatever is wrong with a cache, no message repeats the password in its URL, or a key or
// value in it.
func TestMessagesKeepCachePasswords(t *testing.T) {
	server := testenv.Redis(t, testenv.WithPassword())
	good := server.URL(0)
	u, err := url.Parse(good)
	if err != nil {
		t.Fatal(err)
	}
	real, _ := u.User.Password()
	c := newCLI(t).with("DJANGO_SESSION_ENGINE", "cache").with("CACHE_URL", good)
	key := c.create(`{"a":"` + testValue + `"}`)
	c.ok("show", key)
	wrong := url.QueryEscape(testPassword)
	wrong = strings.ReplaceAll(wrong, "+", "%20")
	at := u.Host
	secrets := []string{real, testPassword, wrong, "Hunter2", key, testValue, testSecret}

	site := newSite(t)
	for name, cache := range map[string]string{
		"wrong password":           "redis://:" + wrong + "@" + at,
		"wrong user":               "redis://Hunter2:" + wrong + "@" + at,
		"no server":                "redis://:" + wrong + "@127.0.0.1:1",
		"no cluster":               "redis+cluster://:" + wrong + "@" + at,
		"no cluster at all":        "redis://:" + wrong + "@127.0.0.1:1,127.0.0.1:2",
		"no sentinel":              "sentinel://:" + wrong + "@127.0.0.1:1/main?sentinel_password=Hunter2",
		"not encoded":              "redis://:" + testPassword + "@" + at,
		"slash in a password":      "redis://:1234/Hunter2@" + at,
		"question in a password":   "redis://:1234?Hunter2@" + at,
		"question in a password 2": "redis://:1234?Hunter2=x@" + at,
		"hash in a password":       "redis://:1234#Hunter2@" + at,
		"percent in a password":    "redis://:1234%Hunter2@" + at,
		"no at":                    "redis://user:Hunter2",
		"option":                   "redis://127.0.0.1:1/0?Hunter2=1",
		"password as an option":    "redis://127.0.0.1:1/0?password=Hunter2",
		"number":                   "redis://127.0.0.1:1/Hunter2",
		"scheme":                   "Hunter2://127.0.0.1:1",
		"no scheme":                "Hunter2",
		"memcached":                "memcached://user:Hunter2@" + at,
		"memcached, no at":         "memcached://user:Hunter2",
		"memcached is Redis":       "memcached://" + at,
		"socket":                   "unix://:Hunter2@/nowhere.sock?db=0",
		"socket, not encoded":      "unix://:1234#Hunter2@/nowhere.sock",
		"master":                   "sentinel://:Hunter2@127.0.0.1:1",
	} {
		for _, command := range [][]string{{"list"}, {"set", key, "a", `"` + testValue + `"`}} {
			r := c.with("CACHE_URL", cache).run(command...)
			if r.status != statusFailed || r.stderr == "" {
				t.Errorf("%s: %s: %+v", name, command[0], r)
			}
			for i, secret := range secrets {
				if strings.Contains(r.stderr+r.stdout, secret) {
					t.Errorf("%s: %s: secret %d is in %q", name, command[0], i, r.stderr)
				}
			}
			if strings.Contains(name, "password") && strings.Contains(r.stderr, "1234") {
				t.Errorf("%s: %s: %q", name, command[0], r.stderr)
			}
		}
		r := site.run("copy", "--to-engine", "cache", "--to-cache-url", cache)
		if strings.Contains(r.stderr, "Hunter2") || strings.Contains(r.stderr, testPassword) || strings.Contains(r.stderr, wrong) {
			t.Errorf("%s: as a target: %q", name, r.stderr)
		}
	}
}
