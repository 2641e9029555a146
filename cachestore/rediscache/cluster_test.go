package rediscache_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/rediscache"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestCluster: a Cluster, with sessions that move between its slots, that are listed over all
// masters, and that survive a failover.
func TestCluster(t *testing.T) {
	t.Parallel()
	clusterServes(t)
}

// TestValkeyCluster: the same, with the Valkeys that tools/setup fetches.
func TestValkeyCluster(t *testing.T) {
	testenv.MatrixOnly(t)
	for _, name := range []string{"valkey-8", "valkey"} {
		t.Run(name, func(t *testing.T) { clusterServes(t, testenv.Beside(name)) })
	}
}

func clusterServes(t *testing.T, opts ...testenv.Option) {
	// Only where it is asked to does a replica take over: a busy machine does not look like a dead master.
	cluster, client := newCluster(t, append(opts, testenv.WithSetting("cluster-node-timeout", "60000"))...)
	t.Run("conformance", func(t *testing.T) {
		conform(t, func(*testing.T) cachestore.Cache { return rediscache.New(client) }, pickles)
	})
	t.Run("conformance with WAIT", func(t *testing.T) {
		testenv.MatrixOnly(t)
		conform(t, func(*testing.T) cachestore.Cache { return rediscache.New(client, rediscache.WithWait(1, time.Minute)) }, pickles)
	})
	t.Run("scan", func(t *testing.T) {
		scans(t, rediscache.New(client), func(ctx context.Context, command ...string) (string, error) {
			master, err := cluster.Master(ctx, command[1])
			if err != nil {
				return "", err
			}
			return master.Command(ctx, command...)
		})
	})
	t.Run("resharding", func(t *testing.T) { reshards(t, cluster, client) })
	t.Run("frozen", func(t *testing.T) { freezes(t, cluster, client) })
	t.Run("failover", func(t *testing.T) {
		testenv.MatrixOnly(t) // by default, TestSentinel fails over
		cluster, client := newCluster(t)
		prefix := testenv.NewKeyPrefix()
		failsOver(t, client, prefix, func(key string) {
			master, err := cluster.Master(t.Context(), prefix+":1:django.contrib.sessions.cache"+key)
			if err == nil {
				err = master.Kill()
			}
			if err != nil {
				t.Error(err)
			}
		})
	})
}

func newCluster(t *testing.T, opts ...testenv.Option) (*testenv.RedisCluster, *redis.ClusterClient) {
	t.Helper()
	cluster := testenv.NewRedisCluster(t, append(opts, testenv.WithPassword())...)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: cluster.Addrs(), Password: cluster.Nodes[0].Password, ContextTimeoutEnabled: true})
	t.Cleanup(func() { _ = client.Close() })
	return cluster, client
}

// reshards moves the slot of a key from one master to another. Everything works at any moment.
func reshards(t *testing.T, cluster *testenv.RedisCluster, client *redis.ClusterClient) {
	cache, key := rediscache.New(client), testenv.NewKeyPrefix()
	run := func(server *testenv.Server, command ...string) string {
		t.Helper()
		answer, err := server.Command(t.Context(), command...)
		if err != nil {
			t.Fatal(command[:2], err)
		}
		return answer
	}
	from := must(cluster.Master(t.Context(), key))
	slot, fromID := run(from, "CLUSTER", "KEYSLOT", key), run(from, "CLUSTER", "MYID")
	to := cluster.Nodes[0]
	if to == from {
		to = cluster.Nodes[1]
	}
	toID := run(to, "CLUSTER", "MYID")
	works := func(when string) {
		t.Helper()
		_, getErr := cache.Get(t.Context(), key)
		_, setErr := cache.Replace(t.Context(), key, item("a"), item("b"), time.Minute)
		_, touchErr := cache.Replace(t.Context(), key, item("b"), item("b"), time.Minute)
		found := 0
		var scanErr error
		for at, err := range cache.Scan(t.Context(), key) {
			if scanErr = err; at.Key == key && at.Age > time.Second {
				found++
			}
		}
		if err := errors.Join(getErr, setErr, touchErr, scanErr); err != nil || found != 1 {
			t.Errorf("%s: %v; found %d times", when, err, found)
		}
		if err := cache.Delete(t.Context(), key); err != nil {
			t.Errorf("%s: Delete: %v", when, err)
		}
		if err := cache.Add(t.Context(), key, item("a"), time.Minute); err != nil {
			t.Errorf("%s: Add: %v", when, err)
		}
	}
	if err := cache.Add(t.Context(), key, item("a"), time.Minute); err != nil {
		t.Fatal(err)
	}
	works("before")
	run(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", fromID)
	run(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", toID)
	run(from, "MIGRATE", to.Host, strconv.Itoa(to.Port), key, "0", "5000", "AUTH", to.Password)
	works("meanwhile")
	run(to, "CLUSTER", "SETSLOT", slot, "NODE", toID)
	run(from, "CLUSTER", "SETSLOT", slot, "NODE", toID)
	works("afterwards")
}

// freezes: a master that does not answer is an error at the context's deadline, and the others
// go on.
func freezes(t *testing.T, cluster *testenv.RedisCluster, client *redis.ClusterClient) {
	cache := rediscache.New(client)
	key, other := testenv.NewKeyPrefix(), ""
	master := must(cluster.Master(t.Context(), key))
	for other == "" || must(cluster.Master(t.Context(), other)) == master {
		other = testenv.NewKeyPrefix()
	}
	for _, key := range []string{key, other} {
		if err := cache.Add(t.Context(), key, item("the-old"), time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if err := master.Pause(); err != nil {
		t.Fatal(err)
	}
	const patience, generous = 100 * time.Millisecond, 4 * time.Second // below go-redis's ReadTimeout of 5
	for name, do := range map[string]func(ctx context.Context) error{
		"Get": func(ctx context.Context) error { _, err := cache.Get(ctx, key); return err },
		"Replace": func(ctx context.Context) error {
			_, err := cache.Replace(ctx, key, item("the-old"), item("the-new"), time.Minute)
			return err
		},
		"Delete": func(ctx context.Context) error { return cache.Delete(ctx, key) },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		start := time.Now()
		err := do(ctx)
		cancel()
		if took := time.Since(start); took > generous || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, django.ErrNotFound) {
			t.Errorf("%s: %v after %v", name, err, took)
		}
		private(t, err, key, "the-old", "the-new")
		if _, err := cache.Get(t.Context(), other); err != nil {
			t.Errorf("another master after %s: %v", name, err)
		}
	}
	if err := errors.Join(master.Resume(), cluster.WaitUntilWhole(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Get(t.Context(), other); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
