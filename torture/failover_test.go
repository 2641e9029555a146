package torture

import (
	"context"
	"errors"
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
	failOver(t, a, func(ctx context.Context) error {
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

// failCluster kills one of the masters and has its replica take over.
func failCluster(t *testing.T, waits bool) {
	cluster := testenv.NewRedisCluster(t)
	a := newCacheArena(t, "Cluster", place{Kind: redisCluster, Addresses: cluster.Addrs(), Waits: waits}, 0)
	a.redisVersion(t, cluster.Nodes[0])
	if waits {
		t.Run("counter", func(t *testing.T) { countUp(t, a) })
	}
	failOver(t, a, func(ctx context.Context) error {
		key := itemKey(a.counter)
		master, err := cluster.Master(ctx, key)
		if err != nil {
			return err
		}
		replica := cluster.Nodes[slices.Index(cluster.Nodes, master)+len(cluster.Nodes)/2]
		if err := lag(ctx, master, replica); err != nil {
			return err
		}
		for {
			if next, err := cluster.Master(ctx, key); err == nil && next != master {
				break
			}
			if err := sleep(ctx, 50*time.Millisecond); err != nil {
				return err
			}
		}
		return errors.Join(master.Restart(ctx), cluster.WaitUntilWhole(ctx))
	})
}

// failOver has a replica take over under load. Without WithWait the audit must find the writes
// that only the killed master had.
func failOver(t *testing.T, a *arena, over func(ctx context.Context) error) {
	a.refresh(t)
	a.lossy = !a.place.Waits
	s, v := a.storm(t, a.orders(serving), nil, func(s *storm) {
		time.Sleep(current.quiet)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := over(ctx); err != nil {
			t.Fatal(err)
		}
		s.await(t)
		time.Sleep(current.quiet)
	})
	if a.place.Waits {
		a.add(t, failedOver, s.survived(v))
	} else {
		a.add(t, failedOverUnsafely, s.survived(v))
		if v.lost() == 0 {
			t.Error("no write was found lost")
		}
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
