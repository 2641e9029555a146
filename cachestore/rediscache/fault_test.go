package rediscache_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// network is a Redis server behind a proxy, and the way round the proxy.
type network struct {
	server *testenv.Server
	proxy  *testenv.Proxy
	cache  *rediscache.Cache
	ss     *django.Sessions
	direct *rediscache.Cache
	calm   *django.Sessions
	prefix string
}

func newNetwork(t *testing.T, server *testenv.Server, opts ...rediscache.Option) *network {
	t.Helper()
	proxy, err := testenv.StartProxy(server.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	through := dial(t, server.URL(0), func(o *redis.Options) { o.Addr = proxy.Addr() })
	n := &network{server: server, proxy: proxy, prefix: testenv.NewKeyPrefix()}
	n.cache, n.direct = rediscache.New(through, opts...), rediscache.New(dial(t, server.URL(0)))
	n.ss = pickles.open(t, n.cache, cachestore.WithKeyPrefix(n.prefix))
	n.calm = pickles.open(t, n.direct, cachestore.WithKeyPrefix(n.prefix))
	return n
}

// fullKey returns the key in Redis.
func (n *network) fullKey(key string) string {
	return n.prefix + ":1:django.contrib.sessions.cache" + key
}

// cut breaks the connection that sends text, after the server has answered or before it has
// received all.
func (n *network) cut(text string, landed bool, then func()) <-chan struct{} {
	if landed {
		return n.proxy.CutAfter(text, then)
	}
	return n.proxy.CutBefore(text, then)
}

func item(value string) cachestore.Item { return cachestore.Item{Value: value} }

// holds checks what the server has under a key; "" for nothing.
func (n *network) holds(t *testing.T, key, want string) {
	t.Helper()
	got, err := n.direct.Get(t.Context(), key)
	if err != nil && !errors.Is(err, django.ErrNotFound) || got.Value != want {
		t.Errorf("the server holds %q, %v, want %q", got.Value, err, want)
	}
}

// loadScripts makes the server know the scripts, whose first use takes two round trips.
func (n *network) loadScripts(t *testing.T) {
	t.Helper()
	key := n.prefix + "scripts"
	err := n.direct.Add(t.Context(), key, item("a"), time.Minute)
	_, replaced := n.direct.Replace(t.Context(), key, item("a"), item("b"), time.Minute)
	_, touched := n.direct.Replace(t.Context(), key, item("b"), item("b"), time.Minute)
	_, removed := n.direct.Remove(t.Context(), key, item("b"))
	if err := errors.Join(err, replaced, touched, removed); err != nil {
		t.Fatal(err)
	}
}

// TestCut: a write whose answer is lost is of unknown outcome, whatever its outcome is, and is
// not sent again. A client that retries would return a conflict with its own write.
func TestCut(t *testing.T) {
	for mode, opts := range map[string][]rediscache.Option{"plain": nil, "wait": {rediscache.WithWait(1, time.Minute)}} {
		server := servers.Redis(t)
		if mode == "wait" {
			set := testenv.NewRedisSentinel(t)
			for _, sentinel := range set.Sentinels { // to which a busy master is a dead one
				if err := sentinel.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			server = set.Master
		}
		n := newNetwork(t, server, opts...)
		n.loadScripts(t)
		for name, c := range map[string]struct {
			do     func(ctx context.Context, key string) error
			after  string // what the server holds then, if the write landed; "" for nothing
			absent bool   // nothing is there before
		}{
			"add": {func(ctx context.Context, key string) error {
				return n.cache.Add(ctx, key, item("the-new"), time.Minute)
			}, "the-new", true},
			"replace": {func(ctx context.Context, key string) error {
				_, err := n.cache.Replace(ctx, key, item("the-old"), item("the-new"), time.Minute)
				return err
			}, "the-new", false},
			"touch": {func(ctx context.Context, key string) error {
				_, err := n.cache.Replace(ctx, key, item("the-old"), item("the-old"), time.Minute)
				return err
			}, "the-old", false},
			"remove": {func(ctx context.Context, key string) error {
				_, err := n.cache.Remove(ctx, key, item("the-old"))
				return err
			}, "", false},
		} {
			for _, landed := range []bool{true, false} {
				key := n.prefix + mode + name
				before := ""
				if !c.absent {
					before = "the-old"
					if err := n.direct.Add(t.Context(), key, item(before), time.Minute); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := n.cache.Get(t.Context(), n.prefix+"warm"); !errors.Is(err, django.ErrNotFound) {
					t.Fatal(err)
				}
				made := n.cut(key, landed, nil)
				if err := c.do(t.Context(), key); !errors.Is(err, django.ErrOutcomeUnknown) {
					t.Errorf("%s %s, landed %t: %v, want ErrOutcomeUnknown", mode, name, landed, err)
				} else {
					private(t, err, key, "the-old", "the-new")
				}
				<-made
				if landed {
					n.holds(t, key, c.after)
				} else {
					n.holds(t, key, before)
				}
				_ = n.direct.Delete(t.Context(), key)
			}
		}
		// Deleting is tried again.
		for _, landed := range []bool{true, false} {
			key := n.prefix + mode + "delete"
			if err := n.direct.Add(t.Context(), key, item("the-old"), time.Minute); err != nil {
				t.Fatal(err)
			}
			made := n.cut(key, landed, nil)
			if err := n.cache.Delete(t.Context(), key); err != nil {
				t.Errorf("%s delete, landed %t: %v", mode, landed, err)
			}
			<-made
			n.holds(t, key, "")
		}
	}
}

// TestCutSessions: what a session does about it. Nothing is lost, and a session that moves is in
// the end under one key only.
func TestCutSessions(t *testing.T) {
	n := newNetwork(t, servers.Redis(t))
	n.loadScripts(t)
	for _, landed := range []bool{true, false} {
		for name, cycle := range map[string]bool{"save": false, "cycle": true} {
			old := having(t, n.calm, "a", 1).Key()
			s, err := n.ss.Load(t.Context(), old)
			if err != nil {
				t.Fatal(err)
			}
			if cycle {
				s.CycleKey()
			}
			made := n.cut(old, landed, nil) // of a move, the removal of the old key
			if err := errors.Join(s.Set("b", 2), s.Save(t.Context())); err != nil {
				t.Errorf("%s, landed %t: Save: %v", name, landed, err)
			}
			<-made
			again, err := n.calm.Load(t.Context(), s.Key())
			if err != nil {
				t.Fatal(err)
			}
			if b, err := django.Value(again, "b", 0); b != 2 || err != nil {
				t.Errorf("%s, landed %t: it holds %d, %v", name, landed, b, err)
			}
			if _, err := n.calm.Load(t.Context(), old); cycle != errors.Is(err, django.ErrNotFound) {
				t.Errorf("%s, landed %t: under the old key: %v", name, landed, err)
			}
		}
	}
}

// TestDown: a server that is not there is an error, and nothing is of unknown outcome that was
// not sent. It works again when the server does.
func TestDown(t *testing.T) {
	n := newNetwork(t, testenv.Redis(t, testenv.Durable()))
	s := having(t, n.ss, "a", 1)
	if err := n.server.Kill(); err != nil {
		t.Fatal(err)
	}
	n.proxy.Refuse()
	n.proxy.Reset()
	n.proxy.Refuse()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err := n.ss.Load(ctx, s.Key())
	if err == nil || errors.Is(err, django.ErrNotFound) {
		t.Errorf("Load: %v, want an error of the network", err)
	}
	for range 5 { // more than there are connections in the pool
		short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err = n.cache.Add(short, n.prefix, item("value"), time.Minute)
		cancel()
	}
	if err == nil || errors.Is(err, django.ErrOutcomeUnknown) {
		t.Errorf("Add: %v, want an error that promises that nothing was sent", err)
	}
	if err := errors.Join(n.server.Restart(t.Context()), n.proxy.Heal()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Set("b", 2), s.Save(t.Context())); err != nil {
		t.Errorf("Save after the restart: %v", err)
	}
	again, err := n.calm.Load(t.Context(), s.Key())
	if err != nil {
		t.Fatal(err)
	}
	if a, _ := django.Value(again, "a", 0); a != 1 {
		t.Error("what was acknowledged before the kill is lost")
	}
}
