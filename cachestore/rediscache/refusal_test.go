package rediscache_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// refuses checks that every write is refused, by an error with these words and with no secret,
// and that nothing was written.
func refuses(t *testing.T, client *redis.Client, server *testenv.Server, word string, secrets ...string) {
	t.Helper()
	cache, key := rediscache.New(client), testenv.NewKeyPrefix()
	for name, do := range map[string]func(ctx context.Context) error{
		"add": func(ctx context.Context) error { return cache.Add(ctx, key, item("the-new"), time.Minute) },
		"replace": func(ctx context.Context) error {
			_, err := cache.Replace(ctx, key, item("the-old"), item("the-new"), time.Minute)
			return err
		},
	} {
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

// TestScan: sessions are listed by the time they have left, and Check finds those that the
// settings cannot read.
func TestScan(t *testing.T) {
	server := servers.Redis(t)
	client := dial(t, server.URL(0))
	scans(t, rediscache.New(client), server.Command)
}

// scans checks listing on a cache, whose server runs commands.
func scans(t *testing.T, cache *rediscache.Cache, command func(ctx context.Context, command ...string) (string, error)) {
	prefix := `t?*[a\` + testenv.NewKeyPrefix()
	opts := []cachestore.Option{cachestore.WithKeyPrefix(prefix)}
	ss := pickles.open(t, cache, opts...)
	if err := ss.Check(t.Context()); err != nil {
		t.Errorf("Check without sessions: %v", err)
	}
	const count = 30
	var want []string
	for i := range count {
		s := ss.NewSession()
		s.SetExpiry(time.Duration(count-i) * time.Hour)
		if err := errors.Join(s.Set("n", i), s.Save(t.Context())); err != nil {
			t.Fatal(err)
		}
		want = append(want, s.Key())
	}
	other := pickles.open(t, cache, cachestore.WithKeyPrefix(prefix), cachestore.WithVersion(2))
	having(t, other, "a", 1)
	// The copy of a session of cached_db, whose name begins like that of cache.
	copied := prefix + ":1:django.contrib.sessions.cached_db" + want[0]
	if _, err := command(t.Context(), "SET", copied, "\x80\x04}."); err != nil {
		t.Fatal(err)
	}
	lister, now := ss.Store().(django.Lister), time.Now()
	list := func(f django.Filter) (keys []string) {
		t.Helper()
		f.Now = now
		for l, err := range lister.List(t.Context(), f) {
			if err != nil {
				t.Fatal(err)
			}
			if n, err := django.Value(must(ss.Load(t.Context(), l.Key)), "n", -1); err != nil || l.Size == 0 || l.Malformed != nil || l.Data.Len() == 0 ||
				l.Expires.Sub(now).Round(time.Minute) != time.Duration(count-n)*time.Hour {
				t.Errorf("session %d: %v, expires in %v, %v", n, err, l.Expires.Sub(now), l.Malformed)
			}
			keys = append(keys, l.Key)
		}
		return keys
	}
	if got := list(django.Filter{}); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%d sessions in another order, or others, want %d", len(got), count)
	}
	if got := list(django.Filter{Limit: 3}); strings.Join(got, " ") != strings.Join(want[:3], " ") {
		t.Errorf("%d sessions with a limit", len(got))
	}
	if got := list(django.Filter{Key: want[7]}); strings.Join(got, " ") != want[7] {
		t.Errorf("%d sessions with a key", len(got))
	}
	if got := list(django.Filter{Expired: true}); len(got) > 0 {
		t.Errorf("%d sessions have expired", len(got))
	}
	if n, err := lister.Count(t.Context(), django.Filter{Now: now}); n != count || err != nil {
		t.Errorf("Count: %d, %v", n, err)
	}
	if err := ss.Check(t.Context()); err != nil {
		t.Errorf("Check: %v", err)
	}

	// One that does not expire, and one that cannot be read.
	name := prefix + ":1:django.contrib.sessions.cache"
	if _, err := command(t.Context(), "PERSIST", name+want[9]); err != nil {
		t.Fatal(err)
	}
	for l, err := range lister.List(t.Context(), django.Filter{Now: now, Limit: 1}) {
		if err != nil || l.Key != want[9] || l.Malformed == nil || !l.Expires.IsZero() {
			t.Errorf("not the session that does not expire: %v, %v", l.Malformed, err)
		}
	}
	unreadable := texts.open(t, cache, cachestore.WithKeyPrefix(name[:len(name)-1]), cachestore.WithKeyFunction(func(key, prefix string, _ int) string { return prefix + "e" + key }))
	if err := unreadable.Check(t.Context()); !errors.Is(err, django.ErrCorrupt) {
		t.Errorf("Check with other settings: %v, want ErrCorrupt", err)
	}
	hashed := pickles.open(t, cache, cachestore.WithKeyFunction(func(key, _ string, _ int) string { return strconv.Quote(key) }))
	if _, err := hashed.Store().(django.Lister).Count(t.Context(), django.Filter{Now: now}); err == nil || !strings.Contains(err.Error(), "WithKeyFunction") {
		t.Errorf("Count with a key function that hides keys: %v", err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
