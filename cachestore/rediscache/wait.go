package rediscache

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// redirections is how often a write is sent to another node of a Cluster.
const redirections = 5

// processAndWait runs a command on the node that has the key, and WAIT after it on the same
// connection, in one round trip.
func (c *Cache) processAndWait(ctx context.Context, key string, cmd *redis.Cmd) error {
	for tries := 1; ; tries++ {
		node, err := c.node(ctx, key)
		if err != nil {
			return err
		}
		wait := redis.NewIntCmd(ctx, "wait", c.replicas, c.timeout.Milliseconds())
		pipe := node.Pipeline()
		_ = pipe.Process(ctx, once{cmd})
		_ = pipe.Process(ctx, wait)
		_, failed := pipe.Exec(ctx)
		err = cmd.Err()
		if err == nil && cmd.Val() == nil {
			err = cmp.Or(failed, errNoAnswer) // of a server that refused the connection, for one
		}
		moved := redis.HasErrorPrefix(err, "MOVED") || redis.HasErrorPrefix(err, "ASK") || redis.HasErrorPrefix(err, "TRYAGAIN")
		if cluster, ok := c.client.(*redis.ClusterClient); ok && moved && tries < redirections {
			cluster.ReloadState(ctx)
			if err := pause(ctx, time.Duration(tries)*20*time.Millisecond); err != nil {
				return err
			}
			cmd.SetErr(nil)
			continue
		}
		// Without an error, a SET has written, and a script if it returns 1.
		if err == nil && (cmd.Name() == "set" || cmd.Val() == int64(1)) {
			err = wait.Err()
			if err == nil && wait.Val() < int64(c.replicas) {
				err = fmt.Errorf("%w: %d of %d in time", errFew, wait.Val(), c.replicas)
			}
			if err != nil {
				err = &unsure{err}
			}
		}
		return err
	}
}

// errNoAnswer: go-redis returned neither an answer nor an error.
var errNoAnswer = errors.New("no answer")

// errFew: fewer replicas than wanted have acknowledged a write.
var errFew = errors.New("too few replicas have acknowledged it (WithWait)")

// unsure is the error of a write that the server has done, but that may get lost.
type unsure struct{ error }

// node returns the client of the node that has the key.
func (c *Cache) node(ctx context.Context, key string) (*redis.Client, error) {
	switch client := c.client.(type) {
	case *redis.ClusterClient:
		return client.MasterForKey(ctx, key)
	case *redis.Client:
		return client, nil
	}
	return nil, fmt.Errorf("rediscache: a %T", c.client) // OpenCache refuses it
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
