package torture

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/internal/testenv"
)

// failSentinel freezes the replica, kills the master and has the replica take over.
func failSentinel(t *testing.T, waits bool) {
	set := testenv.NewRedisSentinel(t)
	a := newCacheArena(t, "Sentinel", place{Kind: redisSentinel, Addresses: set.Addrs(), Master: set.Name, Waits: waits}, 0)
	a.redisVersion(t, set.Master)
	if waits {
		t.Run("counter", func(t *testing.T) { countUp(t, a) })
	}
	s, v := failOver(t, a, 0, func(ctx context.Context) error {
		if err := lag(ctx, set.Master, set.Replica); err != nil {
			return err
		}
		// Sentinels that still named the master when it came back would lead to one that is
		// empty.
		for _, sentinel := range set.Sentinels {
			if err := waitFor(ctx, sentinel, strconv.Itoa(set.Replica.Port), "SENTINEL", "GET-MASTER-ADDR-BY-NAME", set.Name); err != nil {
				return err
			}
		}
		if err := set.Master.Restart(ctx); err != nil {
			return err
		}
		// Sentinel would do it after up to ten seconds.
		_, err := set.Master.Command(ctx, "REPLICAOF", set.Replica.Host, strconv.Itoa(set.Replica.Port))
		return errors.Join(err, waitFor(ctx, set.Replica, "state=online", "INFO", "replication"))
	})
	a.reportFailOver(t, s, v)
}

// lag kills a master some time after its replica has stopped to follow.
func lag(ctx context.Context, master, replica *testenv.Server) error {
	if err := replica.Pause(); err != nil {
		return err
	}
	// Otherwise the replica would find in its connection what the master has sent meanwhile.
	if _, err := master.Command(ctx, "CLIENT", "KILL", "TYPE", "REPLICA"); err != nil {
		return err
	}
	time.Sleep(current.lag)
	return errors.Join(master.Kill(), replica.Resume())
}

// TestValkeyCluster is TestCluster with the newest Valkey that tools/setup fetches.
func TestValkeyCluster(t *testing.T) {
	begin(t)
	if !full() {
		t.Skip("in the long form only: six servers start slowly")
	}
	failClusters(t, "Valkey", testenv.Beside("valkey"))
}

// failClusters fails over Clusters in every way.
func failClusters(t *testing.T, column string, opts ...testenv.Option) {
	t.Run("WithWait", func(t *testing.T) { failCluster(t, column, true, opts...) })
	t.Run("without", func(t *testing.T) { failCluster(t, column, false, opts...) })
	t.Run("frozen", func(t *testing.T) { freezeCluster(t, column, opts...) })
}

func clusterArena(t *testing.T, column string, waits bool, opts ...testenv.Option) (*arena, *testenv.RedisCluster) {
	cluster := testenv.NewRedisCluster(t, opts...)
	a := newCacheArena(t, column, place{Kind: redisCluster, Addresses: cluster.Addrs(), Waits: waits}, 0)
	a.redisVersion(t, cluster.Nodes[0])
	return a, cluster
}

// failCluster kills one of the masters and has its replica take over.
func failCluster(t *testing.T, column string, waits bool, opts ...testenv.Option) {
	a, cluster := clusterArena(t, column, waits, opts...)
	if waits {
		t.Run("counter", func(t *testing.T) { countUp(t, a) })
	}
	s, v := failOver(t, a, 0, func(ctx context.Context) error {
		key := itemKey(a.counter)
		master, err := cluster.Master(ctx, key)
		if err != nil {
			return err
		}
		replica := cluster.Nodes[slices.Index(cluster.Nodes, master)+len(cluster.Nodes)/2]
		return errors.Join(lag(ctx, master, replica), takenOver(ctx, cluster, key, master), master.Restart(ctx), cluster.WaitUntilWhole(ctx))
	})
	a.reportFailOver(t, s, v)
}

// freezeCluster has one of the masters stand still until its replica has taken over, and go on
// as a master that does not know of it. An answer must not take longer than its timeout.
func freezeCluster(t *testing.T, column string, opts ...testenv.Option) {
	a, cluster := clusterArena(t, column, true, opts...)
	s, v := failOver(t, a, frozenPatience, func(ctx context.Context) error {
		key := itemKey(a.counter)
		master, err := cluster.Master(ctx, key)
		if err != nil {
			return err
		}
		return errors.Join(master.Pause(), takenOver(ctx, cluster, key, master), master.Resume(), cluster.WaitUntilWhole(ctx))
	})
	a.add(t, frozen, s.survived(v)+fmt.Sprintf("; the slowest answer took %.1f s", s.slowest.Seconds()))
	// A request waits when its session is loaded, and again when it is saved.
	if s.slowest > 2*frozenPatience+3*time.Second {
		t.Errorf("an answer took %v", s.slowest)
	}
	if s.unavailable == 0 {
		t.Error("nobody noticed")
	}
}

// frozenPatience is far below the 5 seconds after which go-redis gives up a connection by itself.
const frozenPatience = 500 * time.Millisecond

// takenOver returns when a key has another master.
func takenOver(ctx context.Context, cluster *testenv.RedisCluster, key string, old *testenv.Server) error {
	for {
		if next, err := cluster.Master(ctx, key); err == nil && next != old {
			return nil
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// failOver has a replica take over under load. Requests have that timeout, or the default if it
// is 0.
func failOver(t *testing.T, a *arena, timeout time.Duration, over func(ctx context.Context) error) (*storm, verdict) {
	a.refresh(t)
	a.lossy = !a.place.Waits
	orders := a.orders(serving)
	for i := range orders {
		orders[i].Timeout = timeout
	}
	return a.storm(t, orders, nil, func(s *storm) {
		time.Sleep(current.quiet)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := over(ctx); err != nil {
			t.Fatal(err)
		}
		s.await(t)
		time.Sleep(current.quiet)
	})
}

// reportFailOver adds what a master's death has lost. Without WithWait the audit must find the
// writes that only the killed master had.
func (a *arena) reportFailOver(t *testing.T, s *storm, v verdict) {
	t.Helper()
	if a.place.Waits {
		a.add(t, failedOver, s.survived(v))
		return
	}
	a.add(t, failedOverUnsafely, s.survived(v))
	if v.lost() == 0 {
		t.Error("no write was found lost")
	}
}

// waitFor returns when a Redis server's answer to a command has a text.
func waitFor(ctx context.Context, server *testenv.Server, text string, command ...string) error {
	for {
		if answer, err := server.Command(ctx, command...); err == nil && strings.Contains(answer, text) {
			return nil
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
