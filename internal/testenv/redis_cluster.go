package testenv

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// redisMasters is how many masters a Cluster has; each has one replica.
const redisMasters = 3

// RedisCluster is a Redis Cluster that this process started.
type RedisCluster struct {
	Nodes []*Server // in the beginning the first three are masters
}

// StartRedisCluster starts a Redis Cluster of three masters with a replica each. A replica takes
// over after about two seconds. The options are those of each node; dir is as for StartRedis.
func StartRedisCluster(ctx context.Context, dir string, opts ...Option) (*RedisCluster, error) {
	o := optionsOf(opts)
	o.cluster = true
	c := new(RedisCluster)
	password := ""
	if o.password {
		password = rand.Text()
	}
	for range 2 * redisMasters {
		node, err := startRedisWith(ctx, dir, password, o)
		if err != nil {
			return nil, errors.Join(err, c.Stop())
		}
		c.Nodes = append(c.Nodes, node)
	}
	if err := c.join(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("making a Redis Cluster: %w", err), c.Stop())
	}
	return c, nil
}

// join makes the nodes a Cluster and waits until all of them say that it works.
func (c *RedisCluster) join(ctx context.Context) error {
	const slots = 16384
	ids := make([]string, len(c.Nodes))
	for i, node := range c.Nodes {
		commands := [][]string{{"CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i + 1)}}
		if i < redisMasters {
			first, last := i*slots/redisMasters, (i+1)*slots/redisMasters-1
			commands = append(commands, []string{"CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(first), strconv.Itoa(last)})
		}
		if i > 0 {
			commands = append(commands, []string{"CLUSTER", "MEET", c.Nodes[0].Host, strconv.Itoa(c.Nodes[0].Port), strconv.Itoa(c.Nodes[0].busPort)})
		}
		for _, command := range append(commands, []string{"CLUSTER", "MYID"}) {
			answer, err := node.Command(ctx, command...)
			if err != nil {
				return err
			}
			ids[i] = answer
		}
	}
	for _, node := range c.Nodes {
		err := node.waitForRedis(ctx, "nodes to meet", func(answer string) bool {
			return strings.Count(answer, "connected") == len(c.Nodes) && !strings.Contains(answer, "handshake") && !strings.Contains(answer, "disconnected")
		}, "CLUSTER", "NODES")
		if err != nil {
			return err
		}
	}
	for i, node := range c.Nodes[redisMasters:] {
		if _, err := node.Command(ctx, "CLUSTER", "REPLICATE", ids[i]); err != nil {
			return err
		}
	}
	return c.WaitUntilWhole(ctx)
}

// WaitUntilWhole returns once every node says that all slots are served, and every replica has
// a link to its master.
func (c *RedisCluster) WaitUntilWhole(ctx context.Context) error {
	for _, node := range c.Nodes {
		err := node.waitForRedis(ctx, "all slots", func(answer string) bool {
			return strings.Contains(answer, "cluster_state:ok") && strings.Contains(answer, "cluster_slots_ok:16384")
		}, "CLUSTER", "INFO")
		if err == nil {
			err = node.waitForRedis(ctx, "replication", replicates, "INFO", "replication")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// replicates reports whether a server with this INFO replication has its replica, or its
// master.
func replicates(info string) bool {
	return strings.Contains(info, "role:master") && strings.Contains(info, "state=online") ||
		strings.Contains(info, "role:slave") && strings.Contains(info, "master_link_status:up")
}

// Addrs returns the addresses of all nodes.
func (c *RedisCluster) Addrs() []string {
	var addrs []string
	for _, node := range c.Nodes {
		addrs = append(addrs, node.Addr())
	}
	return addrs
}

// Master returns the node that is the master of a key's slot, as one that runs sees it.
func (c *RedisCluster) Master(ctx context.Context, key string) (*Server, error) {
	for _, node := range c.Nodes {
		if !node.answers() {
			continue
		}
		slot, err := node.Command(ctx, "CLUSTER", "KEYSLOT", key)
		if err != nil {
			return nil, err
		}
		text, err := node.Command(ctx, "CLUSTER", "NODES")
		if err != nil {
			return nil, err
		}
		n, _ := strconv.Atoi(slot)
		for line := range strings.Lines(text) {
			fields := strings.Fields(line)
			if len(fields) < 9 || strings.Contains(fields[2], "fail") || !hasSlot(fields[8:], n) {
				continue
			}
			addr, _, _ := strings.Cut(fields[1], "@")
			for _, node := range c.Nodes {
				if node.Addr() == addr {
					return node, nil
				}
			}
		}
	}
	return nil, errors.New("no node that runs knows the master")
}

func hasSlot(ranges []string, slot int) bool {
	for _, r := range ranges {
		first, last, ok := strings.Cut(r, "-")
		if !ok {
			last = first
		}
		from, err := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err == nil && err2 == nil && from <= slot && slot <= to {
			return true
		}
	}
	return false
}

// Stop ends all nodes and removes their data.
func (c *RedisCluster) Stop() error { return stopAll(c.Nodes) }

func stopAll(servers []*Server) error {
	errs := make([]error, len(servers))
	var all sync.WaitGroup
	for i, s := range servers {
		all.Go(func() { errs[i] = s.Stop() })
	}
	all.Wait()
	return errors.Join(errs...)
}

// serveAll hands started servers to a test and ends them with the test.
func serveAll(t testing.TB, servers []*Server) {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			for _, s := range servers {
				t.Logf("log of the server at %s:\n%s", s.Addr(), s.Log())
			}
		}
		if err := stopAll(servers); err != nil {
			t.Error(err)
		}
	})
}

// NewRedisCluster starts a Redis Cluster for one test.
func NewRedisCluster(t testing.TB, opts ...Option) *RedisCluster {
	t.Helper()
	c, err := StartRedisCluster(t.Context(), "", opts...)
	failOrSkip(t, err)
	serveAll(t, c.Nodes)
	return c
}
