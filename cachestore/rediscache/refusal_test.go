package rediscache_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// refuses checks that every write is refused, by an error with these words and with no secret,
// and that nothing was written.
func refuses(t *testing.T, client *redis.Client, server *testenv.Server, word string, secrets ...string) {
	t.Helper()
	for _, cache := range []*rediscache.Cache{rediscache.New(client), rediscache.New(client, rediscache.WithWait(1, time.Millisecond))} {
		refusesIn(t, cache, server, word, secrets...)
	}
}

func refusesIn(t *testing.T, cache *rediscache.Cache, server *testenv.Server, word string, secrets ...string) {
	t.Helper()
	key := testenv.NewKeyPrefix()
	for name, do := range map[string]func(ctx context.Context) error{
		"add": func(ctx context.Context) error { return cache.Add(ctx, key, item("the-new"), time.Minute) },
		"replace": func(ctx context.Context) error {
			_, err := cache.Replace(ctx, key, item("the-old"), item("the-new"), time.Minute)
			return err
		},
		"delete": func(ctx context.Context) error { return cache.Delete(ctx, key) },
	} {
		if name == "delete" && word == "OOM" {
			continue // needs no memory
		}
		if name == "replace" {
			if _, err := server.Command(t.Context(), "SET", key, "the-old"); err != nil && word != "OOM" && word != "READONLY" {
				t.Fatal(err)
			} else if err != nil {
				continue
			}
		}
		err := do(t.Context())
		if err == nil || errors.Is(err, django.ErrOutcomeUnknown) || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v, want a refusal with %s", name, err, word)
			continue
		}
		private(t, err, append(secrets, key, "the-old", "the-new")...)
		if got, _ := server.Command(t.Context(), "GET", key); got == "the-new" {
			t.Errorf("%s: it was written", name)
		}
	}
}

// TestRefusals: what the server refuses is not stored, and the error says why.
func TestRefusals(t *testing.T) {
	t.Run("password", func(t *testing.T) {
		server := testenv.Redis(t, testenv.WithPassword())
		refuses(t, dial(t, "redis://"+server.Addr()), server, "NOAUTH", server.Password)
		const wrong = "a-wrong-password"
		refuses(t, dial(t, "redis://:"+wrong+"@"+server.Addr()), server, "WRONGPASS", server.Password, wrong)
		_, err := rediscache.New(dial(t, "redis://"+server.Addr())).Get(t.Context(), "a")
		if err == nil || errors.Is(err, django.ErrNotFound) || !strings.Contains(err.Error(), "password") {
			t.Errorf("Get: %v", err)
		}
	})
	t.Run("memory", func(t *testing.T) {
		server := testenv.Redis(t, testenv.WithSetting("maxmemory-policy", "noeviction"))
		cache := rediscache.New(dial(t, server.URL(0)))
		ss := pickles.open(t, cache)
		s := having(t, ss, "a", 1)
		if _, err := server.Command(t.Context(), "CONFIG", "SET", "maxmemory", "1mb"); err != nil {
			t.Fatal(err)
		}
		refuses(t, dial(t, server.URL(0)), server, "OOM")
		err := errors.Join(s.Set("b", strings.Repeat("payload", 100)), s.Save(t.Context()))
		if err == nil || errors.Is(err, django.ErrOutcomeUnknown) || !strings.Contains(err.Error(), "maxmemory") {
			t.Errorf("Save: %v", err)
		}
		private(t, err, s.Key(), "payload")
		again, err := ss.Load(t.Context(), s.Key())
		if err != nil || again.Has("b") {
			t.Errorf("the session is not as it was: %v", err)
		}
		if err := again.Flush(t.Context()); err != nil { // a logout needs no memory
			t.Errorf("Flush: %v", err)
		}
		if _, err := server.Command(t.Context(), "CONFIG", "SET", "maxmemory", "0"); err != nil {
			t.Fatal(err)
		}
		having(t, ss, "a", 1)
	})
	t.Run("type", func(t *testing.T) {
		server, key := servers.Redis(t), testenv.NewKeyPrefix()
		cache := rediscache.New(dial(t, server.URL(0)))
		if _, err := server.Command(t.Context(), "RPUSH", key, "payload"); err != nil {
			t.Fatal(err)
		}
		for name, do := range map[string]func() error{
			"replace": func() error {
				_, err := cache.Replace(t.Context(), key, item(""), item("the-new"), time.Minute)
				return err
			},
			"remove": func() error { _, err := cache.Remove(t.Context(), key, item("")); return err },
		} {
			err := do()
			if err == nil || errors.Is(err, django.ErrOutcomeUnknown) || errors.Is(err, django.ErrNotFound) || !strings.Contains(err.Error(), "WRONGTYPE") {
				t.Errorf("%s: %v", name, err)
			}
			private(t, err, key, "payload", "the-new")
		}
		if err := cache.Add(t.Context(), key, item("a"), time.Minute); !errors.Is(err, django.ErrExists) {
			t.Errorf("Add: %v, want ErrExists", err)
		}
	})
	t.Run("acl", func(t *testing.T) {
		server := testenv.Redis(t)
		if _, err := server.Command(t.Context(), "ACL", "SETUSER", "go", "on", ">pw", "~*", "+get", "+ping", "+hello", "+client"); err != nil {
			t.Fatal(err)
		}
		refuses(t, dial(t, "redis://go:pw@"+server.Addr()), server, "NOPERM")
	})
	t.Run("replica", func(t *testing.T) {
		master := servers.Redis(t)
		replica := testenv.Redis(t, testenv.WithSetting("replicaof", master.Host+" "+strconv.Itoa(master.Port)))
		refuses(t, dial(t, replica.URL(0)), replica, "READONLY")
	})
}
