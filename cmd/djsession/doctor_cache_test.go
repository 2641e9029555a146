package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// inRedis is a site of the engine cache in a Redis of its own.
func inRedis(t *testing.T, opts ...testenv.Option) (*cli, *testenv.Server) {
	t.Helper()
	server := testenv.Redis(t, opts...)
	c := newCLI(t).with("DJANGO_SESSION_ENGINE", "cache").with("CACHE_URL", server.URL(0))
	c.create(`{"a":1}`)
	return c, server
}

func TestDoctorOnRedis(t *testing.T) {
	seen := func(change func(c *cli, s *testenv.Server) *cli) func(*testing.T) (*cli, []string) {
		return func(t *testing.T) (*cli, []string) {
			c, s := inRedis(t, testenv.WithSetting("save", "3600 1"))
			return change(c, s), nil
		}
	}
	to := func(name, value string) func(*testing.T) (*cli, []string) {
		return seen(func(c *cli, _ *testenv.Server) *cli { return c.with(name, value) })
	}
	command := func(words ...string) func(*testing.T) (*cli, []string) {
		return seen(func(c *cli, s *testenv.Server) *cli {
			c.t.Helper()
			if _, err := s.Command(c.t.Context(), words...); err != nil {
				c.t.Fatal(err)
			}
			return c
		})
	}
	diagnosed(t, map[string]brokenSetup{
		"nothing":      {"", seen(func(c *cli, _ *testenv.Server) *cli { return c })},
		"no URL":       {"cache-url", to("CACHE_URL", "")},
		"local memory": {"cache-local", to("CACHE_URL", "locmem://")},
		"wrong port":   {"cache-unreachable", to("CACHE_URL", "redis://127.0.0.1:1/0")},
		"TLS": {"cache-tls", seen(func(c *cli, s *testenv.Server) *cli {
			return c.with("CACHE_URL", strings.Replace(s.URL(0), "redis:", "rediss:", 1))
		})},
		"a high number":      {"cache-database-number", seen(func(c *cli, s *testenv.Server) *cli { return c.with("CACHE_URL", s.URL(99)) })},
		"another number":     {"cache-database-number", seen(func(c *cli, s *testenv.Server) *cli { return c.with("CACHE_URL", s.URL(3)) })},
		"another prefix":     {"cache-keys", to("DJANGO_CACHE_KEY_PREFIX", "shop")},
		"another version":    {"cache-keys", to("DJANGO_CACHE_VERSION", "2")},
		"another serializer": {"cache-serializer", to("DJANGO_CACHE_SERIALIZER", "json")},
		"no sessions":        {"no-sessions", command("FLUSHALL")},
		"eviction": {"redis-eviction", func(t *testing.T) (*cli, []string) {
			c, s := inRedis(t, testenv.WithSetting("save", "3600 1"))
			for _, set := range [][]string{{"maxmemory", "100mb"}, {"maxmemory-policy", "allkeys-lru"}} {
				if _, err := s.Command(t.Context(), "CONFIG", "SET", set[0], set[1]); err != nil {
					t.Fatal(err)
				}
			}
			return c, nil
		}},
		"nothing on disk": {"redis-persistence", command("CONFIG", "SET", "save", "")},
		"a replica":       {"cache-replica", command("REPLICAOF", "127.0.0.1", "1")},
		"garbage": {"cache-unreadable", seen(func(c *cli, s *testenv.Server) *cli {
			c.t.Helper()
			key := ":1:django.contrib.sessions.cache" + exampleKey
			if _, err := s.Command(c.t.Context(), "SET", key, "no session", "EX", "3600"); err != nil {
				c.t.Fatal(err)
			}
			return c
		})},
		"a user without rights": {"cache-rights", seen(func(c *cli, s *testenv.Server) *cli {
			c.t.Helper()
			if _, err := s.Command(c.t.Context(), "ACL", "SETUSER", "reader", "on", ">pass-of-reader", "~*", "+@read", "+ping", "+hello", "+client"); err != nil {
				c.t.Fatal(err)
			}
			return c.with("CACHE_URL", "redis://reader:pass-of-reader@"+s.Addr()+"/0")
		})},
		"wrong password": {"cache-password", func(t *testing.T) (*cli, []string) {
			c, s := inRedis(t, testenv.WithPassword())
			return c.with("CACHE_URL", strings.Replace(s.URL(0), s.Password, "wrong-password", 1)), nil
		}},
		"no password": {"cache-password", func(t *testing.T) (*cli, []string) {
			c, s := inRedis(t, testenv.WithPassword())
			return c.with("CACHE_URL", "redis://"+s.Addr()+"/0"), nil
		}},
	})
}

// cachedSite is a site of the engine cached_db, whose copies a test makes as Django does.
func cachedSite(t *testing.T) (c *cli, client *redis.Client) {
	t.Helper()
	c = onRedis(t, newHealthy(t)).with("DJANGO_SESSION_ENGINE", "cached_db")
	options, err := redis.ParseURL(c.env["CACHE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	client = redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return c, client
}

// newest returns the key of a session that expires last.
func (c *cli) newest() (key string) {
	c.t.Helper()
	if err := c.db.QueryRow("SELECT session_key FROM django_session ORDER BY expire_date DESC LIMIT 1").Scan(&key); err != nil {
		c.t.Fatal(err)
	}
	return key
}

// copied stores what a session of the engine cache holds as the copy of the newest row.
func (c *cli) copied(client *redis.Client, engine string) {
	c.t.Helper()
	key := c.newest()
	data := c.with("DJANGO_SESSION_ENGINE", "db").ok("show", key)
	other := c.with("DJANGO_SESSION_ENGINE", "cache").create(strings.TrimSpace(data))
	name := c.env["DJANGO_CACHE_KEY_PREFIX"] + ":" + c.env["DJANGO_CACHE_VERSION"] + ":django.contrib.sessions."
	if err := client.Rename(c.t.Context(), name+"cache"+other, name+engine+key).Err(); err != nil {
		c.t.Fatal(err)
	}
}

func TestDoctorOnCachedDB(t *testing.T) {
	diagnosed(t, map[string]brokenSetup{
		"nothing": {"", func(t *testing.T) (*cli, []string) {
			c, client := cachedSite(t)
			c = c.with("DATABASE_URL", c.env["DATABASE_URL"])
			c.copied(client, "cached_db")
			return c, nil
		}},
		"no copies": {"copies-missing", func(t *testing.T) (*cli, []string) { c, _ := cachedSite(t); return c, nil }},
		"rows written alone": {"rows-written-alone", func(t *testing.T) (*cli, []string) {
			c, client := cachedSite(t)
			c.copied(client, "cached_db")
			c.with("DJANGO_SESSION_ENGINE", "db").ok("set", c.newest(), "more", "1")
			return c, nil
		}},
		"another prefix": {"cache-keys", func(t *testing.T) (*cli, []string) {
			c, client := cachedSite(t)
			c.copied(client, "cached_db")
			return c.with("DJANGO_CACHE_KEY_PREFIX", "other"), nil
		}},
		"engine set to db": {"engine-cached-db", func(t *testing.T) (*cli, []string) {
			c, _ := cachedSite(t)
			server := testenv.Redis(t)
			options, _ := redis.ParseURL(server.URL(0))
			other := redis.NewClient(options)
			defer other.Close()
			c = c.with("CACHE_URL", server.URL(0))
			c.copied(other, "cached_db")
			return c.with("DJANGO_SESSION_ENGINE", "db"), nil
		}},
		"of the cache engine": {"engine-cache no-sessions", func(t *testing.T) (*cli, []string) {
			_, s := inRedis(t)
			return newUsers(t).with("CACHE_URL", s.URL(0)), nil
		}},
		"of another site of the cache engine": {"", func(t *testing.T) (*cli, []string) {
			_, s := inRedis(t)
			return newHealthy(t).with("CACHE_URL", s.URL(0)), nil
		}},
		"copies of another site's rows": {"", func(t *testing.T) (*cli, []string) {
			c, client := cachedSite(t)
			c.copied(client, "cached_db")
			return newHealthy(t).with("CACHE_URL", c.env["CACHE_URL"]), nil
		}},
		"copies of another site under the same prefix": {"redis-persistence", func(t *testing.T) (*cli, []string) {
			c, client := cachedSite(t)
			c.copied(client, "cached_db")
			c = c.with("DJANGO_SESSION_ENGINE", "cache")
			c.create(`{"a":1}`)
			return c, nil
		}},
		"other servers' order": {"memcached-servers", func(t *testing.T) (*cli, []string) { return inMemcached(t) }},
		"memcached is down": {"cache-unreachable", func(t *testing.T) (*cli, []string) {
			return newHealthy(t).with("DJANGO_SESSION_ENGINE", "cached_db").with("CACHE_URL", "memcached://127.0.0.1:1"), nil
		}},
		"memcached alone": {"memcached-eviction", func(t *testing.T) (*cli, []string) {
			return newCLI(t).with("DJANGO_SESSION_ENGINE", "cache").with("CACHE_URL", "memcached://"+servers.Memcached(t).Addr()), nil
		}},
	})
}

func TestDoctorOnDjangosCaches(t *testing.T) {
	diagnosed(t, map[string]brokenSetup{
		"no table": {"cache-table-missing", func(t *testing.T) (*cli, []string) {
			return newHealthy(t).with("DJANGO_SESSION_ENGINE", "cache").with("CACHE_URL", "dbcache://my_cache"), nil
		}},
		"MAX_ENTRIES": {"max-entries no-sessions", func(t *testing.T) (*cli, []string) {
			c := newUsers(t)
			c.exec("CREATE TABLE my_cache (cache_key varchar(255) NOT NULL PRIMARY KEY, value text NOT NULL, expires datetime NOT NULL)")
			return c.with("DJANGO_SESSION_ENGINE", "cache").with("CACHE_URL", "dbcache://my_cache"), nil
		}},
		"no directory": {"cache-directory", func(t *testing.T) (*cli, []string) {
			return newCLI(t).with("DJANGO_SESSION_ENGINE", "cache").with("CACHE_URL", "file:///none/at/all"), nil
		}},
	})
}

func TestDoctorOnFiles(t *testing.T) {
	diagnosed(t, map[string]brokenSetup{
		"nothing": {"", func(t *testing.T) (*cli, []string) {
			c := onFiles(t, newCLI(t))
			c.create(`{"a":1}`)
			return c, nil
		}},
		"no directory": {"files-directory", func(t *testing.T) (*cli, []string) {
			return newCLI(t).with("DJANGO_SESSION_ENGINE", "file").with("DJANGO_SESSION_FILE_PATH", "/none/at/all"), nil
		}},
		"a file": {"files-directory", func(t *testing.T) (*cli, []string) {
			return newCLI(t).with("DJANGO_SESSION_ENGINE", "file").with("DJANGO_SESSION_FILE_PATH", file(t, "x", "")), nil
		}},
		"another cookie": {"cookie-name-differs", func(t *testing.T) (*cli, []string) {
			c := onFiles(t, newCLI(t))
			c.create(`{"a":1}`)
			return c.with("DJANGO_SESSION_COOKIE_NAME", "shop"), nil
		}},
		"sessions of PHP": {"no-sessions", func(t *testing.T) (*cli, []string) {
			c := onFiles(t, newCLI(t))
			path := filepath.Join(c.env["DJANGO_SESSION_FILE_PATH"], "sess_"+exampleKey)
			if err := os.WriteFile(path, []byte("cart|i:1;"), 0o600); err != nil {
				t.Fatal(err)
			}
			return c, nil
		}},
		"another key": {"secret-key-wrong", func(t *testing.T) (*cli, []string) {
			c := onFiles(t, newCLI(t))
			c.create(`{"a":1}`)
			return c.with("DJANGO_SECRET_KEY", "the key of another site, long"), nil
		}},
		"signed cookies": {"signed-cookies", func(t *testing.T) (*cli, []string) {
			return newCLI(t).with("DJANGO_SESSION_ENGINE", "signed_cookies"), nil
		}},
	})
}

// inMemcached is a site of cached_db on three memcached servers, seen with these in another order.
func inMemcached(t *testing.T) (*cli, []string) {
	t.Helper()
	var addresses []string
	for range 3 {
		addresses = append(addresses, testenv.Memcached(t).Addr())
	}
	c := newHealthy(t)
	c.exec("DELETE FROM django_session")
	key := c.create(`{"a":1}`)
	cached := c.with("DJANGO_SESSION_ENGINE", "cached_db")
	// The copy is where pylibmc puts it, which depends on the order.
	storeCopy(t, cached, "pylibmc://"+strings.Join(addresses, ","), key)
	seen := cached.with("CACHE_URL", "pylibmc://"+addresses[2]+","+addresses[0]+","+addresses[1])
	if r := diagnose(t, seen); len(r.problems()) == 0 {
		// The key's server is the same in both orders: take another order.
		seen = cached.with("CACHE_URL", fmt.Sprintf("pylibmc://%s,%s,%s", addresses[1], addresses[2], addresses[0]))
	}
	return seen, nil
}

// storeCopy stores the copy of a session as the site's Django does.
func storeCopy(t *testing.T, c *cli, url, key string) {
	t.Helper()
	a := &app{getenv: func(name string) string { return c.with("CACHE_URL", url).env[name] }}
	cmd := commandOf(t, a, "doctor")
	in, err := a.inputs(cmd)
	if err != nil {
		t.Fatal(err)
	}
	d := &doctor{app: a, cmd: cmd, in: in, s: &site{in: in, engine: "cached_db"}}
	if d.set, err = a.djangoSettings(in); err == nil {
		d.s.cache, err = a.cacheSettings(in)
	}
	if err != nil {
		t.Fatal(err)
	}
	full := d.fullCacheKey("", "1", key)
	cache, err := d.openedCache(full)
	if err != nil {
		t.Fatal(err)
	}
	data, err := serializer.Pickle.Loads([]byte("\x80\x04}\x94\x8c\x01a\x94K\x01s."))
	if err != nil {
		t.Fatal(err)
	}
	item, err := cachestore.Pickle.Encode(t.Context(), data, 1<<20)
	if err == nil {
		err = cache.Add(t.Context(), full, item, time.Hour)
	}
	if err != nil {
		t.Fatal(err)
	}
}
