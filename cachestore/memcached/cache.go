package memcached

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
)

// Cache is a [cachestore.Cache] on memcached servers. It is safe for concurrent use.
type Cache struct {
	servers []*server
	pick    func(key string) int
	opts    options
	now     func() time.Time
	err     error // of the location and the options
}

var (
	_ cachestore.Cache   = (*Cache)(nil)
	_ cachestore.Opener  = (*Cache)(nil)
	_ cachestore.Checker = (*Cache)(nil)
)

// New returns the cache at a location, which is the LOCATION of Django's cache: servers as
// "host:port", "host", "[IPv6]:port", "unix:/path" or "/path", separated by ";" or ",". It does
// not connect. What is wrong with the location is an error when the engine is opened.
func New(location string, opts ...Option) *Cache {
	c := &Cache{now: time.Now, opts: options{timeout: 3 * time.Second, connections: 64}}
	for _, o := range opts {
		o(&c.opts)
	}
	nodes, err := parseLocation(location)
	if err == nil {
		c.pick, err = c.opts.selection.picker(nodes)
	}
	if err == nil && (c.opts.timeout <= 0 || c.opts.connections <= 0) {
		err = errors.New("memcached: WithTimeout and WithConnections need a positive number")
	}
	if c.err = err; err != nil {
		return c
	}
	for _, n := range nodes {
		c.servers = append(c.servers, newServer(n, c.opts))
	}
	return c
}

// An Option changes a default of [New].
type Option func(*options)

type options struct {
	selection   Selection
	timeout     time.Duration
	connections int
	dial        func(ctx context.Context, network, address string) (net.Conn, error)
}

// WithSelection sets how a key's server is picked: [Pymemcache] by default.
func WithSelection(s Selection) Option { return func(o *options) { o.selection = s } }

// WithTimeout bounds how long connecting to a server and waiting for its answer take: 3 seconds
// each by default. The context may end a call earlier. The connection is then given up, at the
// latest when the time is over.
func WithTimeout(d time.Duration) Option { return func(o *options) { o.timeout = d } }

// WithConnections sets the maximum of connections to each server, 64 by default. Further calls
// wait for one.
func WithConnections(n int) Option { return func(o *options) { o.connections = n } }

// WithDialer sets the function that connects to a server, for instance the DialContext of a
// tls.Dialer for servers that speak TLS.
func WithDialer(dial func(ctx context.Context, network, address string) (net.Conn, error)) Option {
	return func(o *options) { o.dial = dial }
}

// OpenCache implements cachestore.Opener. It refuses keys that memcached does not take.
func (c *Cache) OpenCache(site django.Site, key string) (cachestore.Cache, error) {
	switch {
	case c.err != nil:
		return nil, c.err
	case !possible(key):
		return nil, errors.New("memcached: KEY_PREFIX, VERSION and the key function make keys that memcached does not take: a key has at most 250 bytes, and no blanks or control characters")
	case len(c.servers) > 1 && c.opts.selection != Pymemcache && !ascii(key):
		return nil, errors.New("memcached: which server pylibmc picks for keys that are not ASCII depends on its machine: use a KEY_PREFIX in ASCII, or one server")
	}
	opened := *c
	opened.now = site.Now
	return &opened, nil
}

// Close closes the connections that are idle. The cache may be used further.
func (c *Cache) Close() error {
	var err error
	for _, s := range c.servers {
		err = errors.Join(err, s.client.Close())
	}
	return err
}

// possible reports whether memcached takes a key. Django raises InvalidCacheKey for others.
func possible(key string) bool {
	for i := range len(key) {
		if key[i] <= ' ' || key[i] == 0x7f {
			return false
		}
	}
	return key != "" && len(key) <= 250
}
