package memcached

import (
	"context"
	"net"

	"github.com/bradfitz/gomemcache/memcache"
)

// server is one server, with connections of its own, so that one that does not answer takes
// none away from the others.
type server struct {
	client *memcache.Client
	name   string
	slots  chan struct{} // one for each call under way
}

func newServer(n node, o options) *server {
	client := memcache.NewFromSelector(only{n})
	client.Timeout, client.MaxIdleConns = o.timeout, o.connections
	dial := o.dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	client.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, &unreachable{err}
		}
		return conn, nil
	}
	return &server{client: client, name: n.name(), slots: make(chan struct{}, o.connections)}
}

// only is a memcache.ServerSelector with one server. Its host's name is resolved whenever a
// connection is made.
type only struct{ n node }

func (o only) Network() string                          { return o.n.network }
func (o only) String() string                           { return o.n.address }
func (o only) PickServer(string) (net.Addr, error)      { return o, nil }
func (o only) Each(f func(server net.Addr) error) error { return f(o) }

// call runs f, which sends one command. gomemcache knows no contexts: if ctx ends first, call
// returns errAbandoned, and f goes on until its timeout and keeps its slot as long. An error
// from before f started is an *unreachable.
func (s *server) call(ctx context.Context, f func(*memcache.Client) (*memcache.Item, error)) (*memcache.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, &unreachable{err}
	}
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, &unreachable{ctx.Err()}
	}
	type answer struct {
		item *memcache.Item
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		defer func() { <-s.slots }()
		item, err := f(s.client)
		answered <- answer{item, err}
	}()
	select {
	case a := <-answered:
		return a.item, a.err
	case <-ctx.Done():
		return nil, &abandoned{ctx.Err()}
	}
}

// repeatable is call for a command that may be sent twice. A connection that the server has
// closed meanwhile, as by a restart, is noticed only when it is used; then all idle ones are
// closed, and f runs again with a new one.
func (s *server) repeatable(ctx context.Context, f func(*memcache.Client) (*memcache.Item, error)) (item *memcache.Item, err error) {
	for range 3 {
		if item, err = s.call(ctx, f); !broken(err) {
			break
		}
		_ = s.client.Close()
	}
	return item, err
}

// once is call for a command that must not be sent twice.
func (s *server) once(ctx context.Context, f func(*memcache.Client) error) error {
	_, err := s.call(ctx, func(c *memcache.Client) (*memcache.Item, error) { return nil, f(c) })
	if broken(err) {
		_ = s.client.Close() // the other idle connections are probably broken as well
	}
	return err
}
