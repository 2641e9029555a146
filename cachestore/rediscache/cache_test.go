package rediscache_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestClients: a client that could break a promise is refused, and the error says how.
func TestClients(t *testing.T) {
	single := func(o redis.Options) redis.UniversalClient { return redis.NewClient(&o) }
	cluster := func(o redis.ClusterOptions) redis.UniversalClient { return redis.NewClusterClient(&o) }
	for name, c := range map[string]struct {
		client redis.UniversalClient
		opts   []rediscache.Option
		names  string // what the error names; "" for none
	}{
		"single":          {single(redis.Options{ContextTimeoutEnabled: true}), nil, ""},
		"cluster":         {cluster(redis.ClusterOptions{ContextTimeoutEnabled: true}), nil, ""},
		"sentinel":        {redis.NewFailoverClient(&redis.FailoverOptions{ContextTimeoutEnabled: true}), nil, ""},
		"none":            {nil, nil, "client"},
		"ring":            {redis.NewRing(&redis.RingOptions{ContextTimeoutEnabled: true}), nil, "ClusterClient"},
		"no deadlines":    {single(redis.Options{}), nil, "ContextTimeoutEnabled"},
		"no deadlines in": {cluster(redis.ClusterOptions{}), nil, "ContextTimeoutEnabled"},
		"replicas":        {cluster(redis.ClusterOptions{ContextTimeoutEnabled: true, ReadOnly: true}), nil, "ReadOnly"},
		"latency":         {cluster(redis.ClusterOptions{ContextTimeoutEnabled: true, RouteByLatency: true}), nil, "RouteByLatency"},
		"own cache":       {single(redis.Options{ContextTimeoutEnabled: true, Protocol: 3, ClientSideCacheConfig: &redis.ClientSideCacheConfig{}}), nil, "ClientSideCache"},
		"wait":            {single(redis.Options{ContextTimeoutEnabled: true}), []rediscache.Option{rediscache.WithWait(1, 0)}, "WithWait"},
	} {
		if c.client != nil {
			defer c.client.Close()
		}
		set := django.DefaultSettings()
		set.SecretKey, set.SessionEngine = secretKey, django.EngineCache
		_, err := django.New(set, cachestore.New(rediscache.New(c.client, c.opts...)))
		if (err == nil) != (c.names == "") || err != nil && !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestURLs: an error holds nothing of the URL.
func TestURLs(t *testing.T) {
	const password = "p4ssw0rd"
	for _, url := range []string{"redis://:" + password + "@h0st:port/0", "http://:" + password + "@h0st", "redis://user:" + password + "@h0st:6379/x",
		"redis://:" + password + "@h0st?ssl_cert_reqs=" + password, ":" + password, "redis://:" + password + "%zz@h0st"} {
		client, err := rediscache.NewClient(url)
		if err == nil {
			client.Close()
			t.Error("no error")
		} else {
			private(t, err, password, "h0st")
		}
	}
	client, err := rediscache.NewClient("rediss://user:"+password+"@h0st:1/2", func(o *redis.Options) { o.PoolSize = 3 })
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if o := client.Options(); o.Addr != "h0st:1" || o.DB != 2 || o.Password != password || o.TLSConfig == nil || o.PoolSize != 3 || !o.ContextTimeoutEnabled {
		t.Error("not the options of the URL")
	}
	for _, verb := range []string{"%v", "%+v", "%#v"} {
		private(t, fmt.Errorf(verb+verb, rediscache.New(client), cachestore.New(rediscache.New(client))), password)
	}
}

// private checks that an error holds no secret.
func private(t testing.TB, err error, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("an error holds a secret: %s", strings.ReplaceAll(err.Error(), secret, "***"))
		}
	}
}

// having stores a session with one value.
func having(t testing.TB, ss *django.Sessions, name string, v any) *django.Session {
	t.Helper()
	s := ss.NewSession()
	if err := errors.Join(s.Set(name, v), s.Save(t.Context())); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestOtherValues: what is not a session is unreadable, and is left as it is.
func TestOtherValues(t *testing.T) {
	server := servers.Redis(t)
	prefix := testenv.NewKeyPrefix()
	ss := pickles.open(t, rediscache.New(dial(t, server.URL(0))), cachestore.WithKeyPrefix(prefix))
	for name, c := range map[string]struct {
		command []string
		names   string
	}{
		"integer":      {[]string{"SET", "", "123456"}, "SERIALIZER"},
		"text":         {[]string{"SET", "", "payload-of-another"}, "SERIALIZER"},
		"empty":        {[]string{"SET", "", ""}, "SERIALIZER"},
		"pickled list": {[]string{"SET", "", "\x80\x04]."}, "SERIALIZER"},
		"list":         {[]string{"RPUSH", "", "payload-of-another"}, "KEY_PREFIX"},
		"hash":         {[]string{"HSET", "", "field", "payload-of-another"}, "KEY_PREFIX"},
	} {
		t.Run(name, func(t *testing.T) {
			key := having(t, ss, "a", 1).Key()
			full := prefix + ":1:django.contrib.sessions.cache" + key
			for _, command := range [][]string{{"DEL", full}, append([]string{c.command[0], full}, c.command[2:]...)} {
				if _, err := server.Command(t.Context(), command...); err != nil {
					t.Fatal(err)
				}
			}
			before, _ := server.Command(t.Context(), "DUMP", full)
			_, err := ss.Load(t.Context(), key)
			if !errors.Is(err, django.ErrUnreadable) || !strings.Contains(err.Error(), c.names) {
				t.Errorf("Load: %v, want ErrUnreadable and %s", err, c.names)
			}
			private(t, err, key, "payload-of-another", prefix)
			err = ss.Update(t.Context(), key, func(s *django.Session) error { return s.Set("a", 2) })
			if !errors.Is(err, django.ErrUnreadable) {
				t.Errorf("Update: %v, want ErrUnreadable", err)
			}
			// A caller that has an older version changes nothing either.
			store := ss.Store()
			rec, err := store.Load(t.Context(), key, time.Now())
			if err != nil || rec.Corrupt == nil {
				t.Errorf("Load of the store: %v", err)
			}
			if after, _ := server.Command(t.Context(), "DUMP", full); after != before || after == "" {
				t.Error("it was changed")
			}
		})
	}
}

// TestTTL: a session lives as long as Django says, in whole seconds rounded up.
func TestTTL(t *testing.T) {
	server := servers.Redis(t)
	cache := rediscache.New(dial(t, server.URL(0)))
	key := testenv.NewKeyPrefix()
	for _, c := range []struct {
		age  time.Duration
		want string
	}{{time.Minute, "60"}, {1500 * time.Millisecond, "2"}, {1, "1"}, {100 * 365 * 24 * time.Hour, "3153600000"}} {
		if err := cache.Add(t.Context(), key, cachestore.Item{Value: "a"}, c.age); err != nil {
			t.Fatal(err)
		}
		ttl := func(after string) {
			t.Helper()
			// TTL rounds to the nearest second.
			if got, err := server.Command(t.Context(), "TTL", key); err != nil || got != c.want {
				t.Errorf("%s with %v: %s, %v, want %s", after, c.age, got, err, c.want)
			}
		}
		ttl("Add")
		for _, value := range []string{"a", "b"} {
			if _, err := cache.Replace(t.Context(), key, cachestore.Item{Value: "a"}, cachestore.Item{Value: value}, c.age); err != nil {
				t.Fatal(err)
			}
			ttl("Replace")
		}
		if err := cache.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
	}
}
