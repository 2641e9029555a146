package rediscache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
)

// Cache is a cachestore.Cache in Redis. It is safe for concurrent use.
type Cache struct {
	client   redis.UniversalClient
	replicas int
	timeout  time.Duration
}

var (
	_ cachestore.Cache   = (*Cache)(nil)
	_ cachestore.Scanner = (*Cache)(nil)
	_ cachestore.Opener  = (*Cache)(nil)
)

// New returns the cache in what client leads to: a *redis.Client, also one of
// redis.NewFailoverClient, or a *redis.ClusterClient. It neither connects to it nor closes it.
//
// The client's ContextTimeoutEnabled must be true, as [NewClient] sets it: otherwise go-redis
// does not keep a context's deadline while a server does not answer. A client that may read
// from replicas or from a cache of its own is refused too, since it could show a login that has
// ended. If the site has several servers as its LOCATION, the client is that of the first.
//
// A context that is canceled before its deadline ends a call at the latest after the client's
// ReadTimeout, 5 seconds by default.
func New(client redis.UniversalClient, opts ...Option) *Cache {
	c := &Cache{client: client}
	for _, set := range opts {
		set(c)
	}
	return c
}

// An Option changes a default of [New].
type Option func(*Cache)

// WithWait makes a write succeed only if so many replicas have acknowledged it within timeout,
// by the command WAIT on the connection of the write. If fewer have, the error is
// django.ErrOutcomeUnknown: the write is not undone, and a failover may lose it or not.
// A failover loses no write that so many replicas acknowledged, if it promotes one of them. By
// default, no replica is waited for. The client's ReadTimeout ends the wait as well. While a
// Cluster moves the key's slot to another node, writes fail.
func WithWait(replicas int, timeout time.Duration) Option {
	return func(c *Cache) { c.replicas, c.timeout = replicas, timeout }
}

// OpenCache implements cachestore.Opener. It refuses a client that cannot keep the promises of
// a session store; see [New].
func (c *Cache) OpenCache(django.Site, string) (cachestore.Cache, error) {
	var deadlines, elsewhere, cached bool
	switch client := c.client.(type) {
	case *redis.Client:
		o := client.Options()
		deadlines, cached = o.ContextTimeoutEnabled, o.ClientSideCache != nil || o.ClientSideCacheConfig != nil
	case *redis.ClusterClient:
		o := client.Options()
		deadlines, elsewhere = o.ContextTimeoutEnabled, o.ReadOnly || o.RouteByLatency || o.RouteRandomly
	case nil:
		return nil, errors.New("rediscache: New needs a client")
	default:
		return nil, fmt.Errorf("rediscache: New takes a *redis.Client or *redis.ClusterClient, not a %T: no Django cache distributes its keys like that", client)
	}
	switch {
	case !deadlines:
		return nil, errors.New("rediscache: the client ignores the deadlines of contexts: set ContextTimeoutEnabled in its options, or make it with rediscache.NewClient")
	case elsewhere:
		return nil, errors.New("rediscache: the client may read from replicas, which may not have the last write yet: leave ReadOnly, RouteByLatency and RouteRandomly out of its options")
	case cached:
		return nil, errors.New("rediscache: the client may read from a cache of its own: leave ClientSideCache and ClientSideCacheConfig out of its options")
	case c.replicas < 0 || c.replicas > 0 && c.timeout < time.Millisecond:
		return nil, errors.New("rediscache: WithWait needs a number of replicas, and a timeout of a millisecond or more")
	}
	return c, nil
}

// Get implements cachestore.Cache.
func (c *Cache) Get(ctx context.Context, key string) (cachestore.Item, error) {
	if err := ctx.Err(); err != nil {
		return cachestore.Item{}, err
	}
	value, err := c.client.Get(ctx, key).Result()
	if err != nil {
		c.lookAgain(err)
		return cachestore.Item{}, failRead(ctx, "get", key, err)
	}
	return cachestore.Item{Value: value}, nil
}

// lookAgain makes the client of a Cluster ask, in the background, which nodes are the masters
// now. By itself it does so once a minute: a context that ends while it tries to connect to a
// master that has gone makes it forget that it should.
func (c *Cache) lookAgain(err error) {
	cluster, ok := c.client.(*redis.ClusterClient)
	if !ok || err == redis.Nil || redis.HasErrorPrefix(err, "WRONGTYPE") || redis.HasErrorPrefix(err, "NOSCRIPT") {
		return
	}
	cluster.ReloadState(context.Background())
}

// Format implements fmt.Formatter: the client is not printed.
func (c *Cache) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "rediscache.Cache") }
