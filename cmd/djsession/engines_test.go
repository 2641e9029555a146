package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// testEngines are the engines that can list their sessions, with a place for them.
var testEngines = map[string]func(t *testing.T, c *cli) *cli{
	"db": func(t *testing.T, c *cli) *cli { return c },
	"cached_db": func(t *testing.T, c *cli) *cli {
		return onRedis(t, c).with("DJANGO_SESSION_ENGINE", "cached_db")
	},
	"cache": func(t *testing.T, c *cli) *cli {
		return onRedis(t, c).with("DJANGO_SESSION_ENGINE", "django.contrib.sessions.backends.cache")
	},
	"file": onFiles,
}

// listingEngines are those, and other caches that can list their keys.
func listingEngines() map[string]func(t *testing.T, c *cli) *cli {
	all := maps.Clone(testEngines)
	all["django-redis"] = func(t *testing.T, c *cli) *cli {
		return testEngines["cache"](t, c).with("DJANGO_CACHE_SERIALIZER", "json").with("DJANGO_CACHE_COMPRESSOR", "zstd")
	}
	all["database cache"] = func(t *testing.T, c *cli) *cli {
		c.exec("CREATE TABLE my_cache (cache_key varchar(255) NOT NULL PRIMARY KEY, value text NOT NULL, expires datetime NOT NULL)")
		return c.with("DJANGO_SESSION_ENGINE", "cache").with("CACHE_URL", "dbcache://my_cache")
	}
	return all
}

// onRedis sets a cache of its own.
func onRedis(t *testing.T, c *cli) *cli {
	t.Helper()
	return c.with("CACHE_URL", servers.Redis(t).URL(0)).with("DJANGO_CACHE_KEY_PREFIX", testenv.NewKeyPrefix()).with("DJANGO_CACHE_VERSION", "7")
}

func onFiles(t *testing.T, c *cli) *cli {
	return c.with("DJANGO_SESSION_ENGINE", "file").with("DJANGO_SESSION_FILE_PATH", t.TempDir())
}

// TestEveryEngine goes through all commands with each engine that can list its sessions.
func TestEveryEngine(t *testing.T) {
	for name, on := range listingEngines() {
		t.Run(name, func(t *testing.T) {
			c := on(t, newUsers(t))
			key := c.create(oddities)
			if got := c.ok("show", key); got != oddities+"\n" {
				t.Errorf("show: %s", got)
			}
			c.ok("set", key, "n", "-5")
			c.ok("unset", key, "f")
			want := strings.Replace(oddities, `"f":1.0,`, "", 1)
			want = strings.TrimSuffix(want, "}") + `,"n":-5}` + "\n"
			if got := c.ok("show", key); got != want {
				t.Errorf("show: %s", got)
			}
			if got := c.ok("get", key, "n"); got != "-5\n" {
				t.Errorf("get: %s", got)
			}
			c.run("get", key, "none").check(t, 1, "", "no value of that name")
			var meta map[string]any
			if err := json.Unmarshal([]byte(c.ok("show", "--meta", key)), &meta); err != nil || meta["keys"] != 8.0 || meta["expiry_age"] != 1209600.0 || meta["size"] == nil || meta["expire_date"] == nil {
				t.Errorf("show --meta: %v %v", meta, err)
			}
			if got := c.list(); !strings.HasPrefix(got, key+"\t-\t20") {
				t.Errorf("list: %s", got)
			}
			c.ok("delete", key)
			for _, args := range [][]string{{"show", key}, {"set", key, "a", "1"}, {"unset", key, "a"}, {"get", key, "a"}, {"delete", key}, {"logout", key}, {"whoami", key}} {
				c.run(args...).check(t, 1, "", "no such session")
			}
			if r := c.run("show", "../../../etc/passwd"); r.status != 1 || r.stdout != "" {
				t.Errorf("show of a path: %+v", r)
			}

			key = c.logIn()
			if got := c.ok("whoami", key); !strings.Contains(got, `"username":"ann"`) {
				t.Errorf("whoami: %s", got)
			}
			if got := c.list("--user", "1"); !strings.HasPrefix(got, key+"\t1\t") {
				t.Errorf("list --user: %s", got)
			}
			c.ok("logout", key)
			c.run("whoami", key).check(t, 1, "", "no such session")
			key = c.logIn()
			r := c.run("create", "{}") // with cached_db it notes that Django has cached nothing yet
			if noted := strings.Contains(r.stderr, "none of the newest sessions has a copy in the cache"); r.status != 0 || noted != (name == "cached_db") {
				t.Errorf("create: %+v", r)
			}
			other := strings.TrimSuffix(r.stdout, "\n")
			c.run("logout", "--user", "ann").check(t, 0, "", "1 session of the user ended")
			c.run("whoami", key).check(t, 1, "", "no such session")
			c.ok("show", other)
			c.run("clearsessions", "--dry-run").check(t, 0, "0\n", "")
			c.ok("clearsessions")
			c.ok("show", other)
		})
	}
}

// A command that needs no database or secret key does without them.
func TestEnginesWithoutDatabase(t *testing.T) {
	for _, name := range []string{"cache", "file"} {
		t.Run(name, func(t *testing.T) {
			c := testEngines[name](t, newCLI(t)).with("DJANGO_USE_TZ", "")
			if name == "cache" {
				c = c.with("DJANGO_SECRET_KEY", "")
			}
			key := c.create(`{"a":1}`)
			c.ok("set", key, "a", "2")
			c.ok("show", key)
			c.list()
			c.ok("logout", key)
			c.run("whoami", key).check(t, 2, "", map[string]string{"cache": "no secret key", "file": "no database"}[name])
			c.run("logout", "--user", "ann").check(t, 2, "", "no database")
			c.ok("clearsessions")
		})
	}
}

// Without a list of the keys, a cache has the sessions by their keys only.
func TestCachesWithoutKeys(t *testing.T) {
	for name, url := range map[string]string{"memcached": "memcached://" + servers.Memcached(t).Addr(), "files": "file://" + t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			c := newUsers(t).with("DJANGO_SESSION_ENGINE", "cache").with("CACHE_URL", url).with("DJANGO_CACHE_KEY_PREFIX", testenv.NewKeyPrefix())
			key := c.create(oddities)
			c.ok("set", key, "f", "2.0")
			if got, want := c.ok("show", key), strings.Replace(oddities, "1.0", "2.0", 1); got != want+"\n" {
				t.Errorf("show: %s", got)
			}
			if got := c.ok("show", key, "--meta"); !strings.Contains(got, `"expire_date":null`) || !strings.Contains(got, `"keys":8,"size":null`) {
				t.Errorf("show --meta: %s", got)
			}
			c.ok("delete", key)
			c.run("delete", key).check(t, 1, "", "no such session")
			key = c.logIn()
			c.ok("whoami", key)
			c.ok("logout", key)
			c.run("whoami", key).check(t, 1, "", "no such session")
			for _, args := range [][]string{{"list"}, {"logout", "--user", "ann"}} {
				c.run(args...).check(t, 2, "", "cannot be listed in this cache")
			}
			c.ok("clearsessions")
		})
	}
}

// Decode reads the value of a cache from stdin.
func TestDecodeCached(t *testing.T) {
	c := newCLI(t).with("DJANGO_SESSION_ENGINE", "cache").with("DJANGO_SECRET_KEY", "")
	for _, value := range []string{pickledTuple, pickledTuple + "\n"} {
		r := c.feed(strings.NewReader(value), "decode")
		r.check(t, 0, `{"t":[1,"x"],"when":"2026-01-02T03:04:05"}`+"\n", "JSON has no form for 2 values (date, tuple)")
	}
	c.feed(strings.NewReader(`{"a": 1}`), "decode", "--cache-serializer", "json").check(t, 0, `{"a": 1}`+"\n", "")
	c.feed(strings.NewReader(pickledTuple[:20]), "decode").check(t, 1, "", "unreadable")
	c.feed(strings.NewReader("cos\nsystem\n(S'true'\ntR."), "decode").check(t, 1, "", "unreadable")
	c.run("decode", "x").check(t, 2, "", "reads one value from stdin")
	c.run("encode", "{}").check(t, 2, "", "the values in a cache are bytes")
	p := newCLI(t).with("DJANGO_SESSION_SERIALIZER", "pickle").with("DJANGO_VERSION", "4.2")
	p.run("decode", sign(t, p, pickledTuple)).check(t, 0, `{"t":[1,"x"],"when":"2026-01-02T03:04:05"}`+"\n", "JSON has no form")
	if got := p.ok("decode", strings.TrimSpace(p.ok("encode", `{"a":[1.5]}`))); got != `{"a":[1.5]}`+"\n" {
		t.Errorf("got %s", got)
	}
	p.with("DJANGO_VERSION", "5.2").run("decode", "x").check(t, 2, "", "SESSION_SERIALIZER")
}

// With signed_cookies the key is the cookie's value, and what changes a session prints the
// new one.
func TestSignedCookies(t *testing.T) {
	c := newUsers(t).with("DJANGO_SESSION_ENGINE", "signed_cookies")
	line := func(args ...string) string { return strings.TrimSuffix(c.ok(args...), "\n") }
	first := c.create(oddities)
	second := line("set", first, "n", "-5")
	third := line("unset", second, "f")
	if first == second || second == third {
		t.Error("a session that was changed has the same cookie")
	}
	if got := c.ok("show", first); got != oddities+"\n" {
		t.Errorf("show: %s", got)
	}
	if got := c.ok("get", third, "n"); got != "-5\n" {
		t.Errorf("get: %s", got)
	}
	if got := c.ok("show", third, "--meta"); !strings.Contains(got, `"expire_date":null`) || !strings.Contains(got, `"keys":8,"size":null`) {
		t.Errorf("show --meta: %s", got)
	}
	if got := c.ok("decode", first); got != oddities+"\n" {
		t.Errorf("decode: %s", got)
	}
	if got := c.ok("show", line("encode", `{"a":1}`)); got != `{"a":1}`+"\n" {
		t.Errorf("encode: %s", got)
	}
	c.run("show", "x"+first).check(t, 1, "", "cannot be read")
	c.run("set", first+"x", "a", "1").check(t, 1, "", "cannot be read")
	c.run("show", absentKey).check(t, 1, "", "no such session")
	c.with("DJANGO_SESSION_COOKIE_AGE", "1").run("show", line("encode", "--timestamp", "1700000000", "{}")).check(t, 1, "", "no such session")
	var long strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&long, "%x", i*i)
	}
	c.run("set", first, "a", `"`+long.String()+`"`).check(t, 2, "", "does not fit into a cookie")

	login := c.logIn()
	if got := c.ok("whoami", login); !strings.Contains(got, `"username":"ann"`) {
		t.Errorf("whoami: %s", got)
	}
	for _, args := range [][]string{{"logout", login}, {"delete", login}} {
		c.run(args...).check(t, 2, "", "nothing on the server can end it")
	}
	c.ok("whoami", login)
	for _, args := range [][]string{{"list"}, {"logout", "--user", "ann"}} {
		c.run(args...).check(t, 2, "", "cannot be listed")
	}
	c.run("clearsessions", "--dry-run").check(t, 0, "0\n", "")
	c.ok("clearsessions")
}

// TestEngineSettings: wrong combinations name the flag or the variable.
func TestEngineSettings(t *testing.T) {
	c := newCLI(t)
	const redis = "redis://127.0.0.1:1"
	for _, test := range []struct {
		args  []string
		words string
	}{
		{[]string{"--engine", "etcd"}, "(or --engine) is one of db"},
		{[]string{"--engine", "cache"}, "no cache; set CACHE_URL (or --cache-url)"},
		{[]string{"--engine", "cached_db"}, "no cache; set CACHE_URL (or --cache-url)"},
		{[]string{"--engine", "djsession.cached_db"}, "no cache; set CACHE_URL (or --cache-url)"},
		{[]string{"--engine", "djsession.cache"}, "no cache; set CACHE_URL (or --cache-url)"},
		{[]string{"--engine", "djsession.file"}, "(or --engine) is one of db"}, // there is none
		{[]string{"--cache-url", redis}, "--cache-url is for the engine cache or cached_db, not for db"},
		{[]string{"--cache-version", "2"}, "--cache-version is for the engine cache or cached_db, not for db"},
		{[]string{"--session-file-path", "/tmp"}, "--session-file-path is for the engine file, not for db"},
		{[]string{"--engine", "file", "--table", "x"}, "--table is for the engine db or cached_db, not for file"},
		{[]string{"--engine", "signed_cookies", "--key-length", "50"}, "--key-length is for the engine db or cached_db"},
		{[]string{"--engine", "cache", "--cache-url", redis, "--cache-version", "x"}, "(or --cache-version) must be a whole number"},
		{[]string{"--engine", "cache", "--cache-url", redis, "--cache-serializer", "yaml"}, "(or --cache-serializer) must be pickle, json or msgpack"},
		{[]string{"--engine", "cache", "--cache-url", "memcached://h", "--cache-serializer", "json"}, "(or --cache-serializer) is for django-redis"},
		{[]string{"--engine", "cache", "--cache-url", "file:///tmp", "--cache-compressor", "zlib"}, "(or --cache-compressor) is for django-redis"},
		{[]string{"--engine", "cache", "--cache-url", "locmem://"}, "cannot be shared"},
		{[]string{"--engine", "cache", "--cache-url", "http://h"}, "not the URL of a cache"},
		{[]string{"--engine", "cache", "--cache-url", "memcached://user:pw@h"}, "memcached needs addresses only"},
		{[]string{"--engine", "cache", "--cache-url", "file://relative"}, "three slashes"},
		{[]string{"--engine", "cache", "--cache-url", "dbcache://"}, "name the cache's table"},
		{[]string{"--engine", "cache", "--cache-url", "dbcache://t"}, "no database"},
		{[]string{"--engine", "cache", "--cache-url", "redis://h/x"}, "cannot be read"},
		{[]string{"--engine", "cache", "--cache-url", "redis://h?tls=1"}, "cannot be read"},
		{[]string{"--engine", "cache", "--cache-url", "sentinel://h"}, "name the master"},
		{[]string{"--session-serializer", "yaml"}, "(or --session-serializer) must be json or pickle"},
	} {
		r := c.run(append([]string{"list"}, test.args...)...)
		r.check(t, 2, "", test.words)
	}
}

func TestCacheURLs(t *testing.T) {
	for text, want := range map[string]cacheSettings{
		"redis://h":                                   {kind: redisServer, text: "redis://h:6379"},
		"redis://:p%40@h:1/2?pool_size=3":             {kind: redisServer, text: "redis://:p%40@h:1/2?pool_size=3"},
		"rediss://u:p@h/":                             {kind: redisServer, text: "rediss://u:p@h:6379"},
		"valkeys://[::1]:7/0":                         {kind: redisServer, text: "rediss://[::1]:7/0"},
		"redis://a,b:2,c/":                            {kind: redisCluster, text: "redis://a:6379?addr=b%3A2&addr=c%3A6379"},
		"rediss+cluster://a":                          {kind: redisCluster, text: "rediss://a:6379"},
		"sentinel://u:p@a,b:2/main/1":                 {kind: redisSentinel, text: "redis://a:26379/1?password=p&username=u&master_name=main&addr=b%3A2"},
		"redis+sentinel://a/main?sentinel_password=x": {kind: redisSentinel, text: "redis://:x@a:26379?master_name=main"},
		"unix:///run/redis.sock?db=1":                 {kind: redisServer, text: "unix:///run/redis.sock?db=1"},
		"memcached://a,b:2":                           {kind: memcachedServers, servers: []string{"a:11211", "b:2"}, client: "pymemcache"},
		"pylibmc://a":                                 {kind: memcachedServers, servers: []string{"a:11211"}, client: "pylibmc"},
		"memcached:///run/m.sock":                     {kind: memcachedServers, servers: []string{"/run/m.sock"}, client: "pymemcache"},
		"dbcache://my_cache":                          {kind: databaseCache, table: "my_cache"},
		"filecache:///var/tmp/a%20b":                  {kind: fileCache, dir: "/var/tmp/a b"},
	} {
		var c cacheSettings
		if err := c.parse(text, new(secrets)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if c.kind != want.kind || c.text != want.text || !slices.Equal(c.servers, want.servers) || c.client != want.client || c.table != want.table || c.dir != want.dir {
			t.Errorf("%s: %+v", text, c)
		}
		if c.text != "" {
			if client, err := c.redisClient(); err != nil {
				t.Errorf("%s: %v", text, err)
			} else {
				client.Close()
			}
		}
	}
}
