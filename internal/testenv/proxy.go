package testenv

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// Proxy is a TCP proxy on the loopback interface with faults on demand. One fault holds at
// a time, for the connections there are and for new ones, until the next or Heal. Its
// methods may be called by several goroutines.
type Proxy struct {
	addr   string
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	all    sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil while it refuses
	target   string
	fault    fault
	delay    time.Duration
	changed  chan struct{} // closed when another fault holds
	links    map[*link]bool
	cuts     []*cut
}

type fault int

const (
	healthy fault = iota
	dropping
	delaying
	resetting
	closingClient
	closingServer
	refusing
)

// StartProxy starts a proxy to an address, host and port. The caller closes it.
func StartProxy(target string) (*Proxy, error) {
	listener, err := listen("127.0.0.1")
	if err != nil {
		return nil, err
	}
	p := &Proxy{addr: listener.Addr().String(), target: target, changed: make(chan struct{}), links: map[*link]bool{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.listen(listener)
	return p, nil
}

// Addr returns host and port of the proxy itself.
func (p *Proxy) Addr() string { return p.addr }

// SetTarget sets the address of new connections. Existing ones are not changed.
func (p *Proxy) SetTarget(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

// Drop discards the bytes of both sides, and neither learns that the other has closed. New
// connections are accepted and not connected to the server.
func (p *Proxy) Drop() { _ = p.set(dropping, 0) }

// Delay holds what either side sends for so long before it is passed on.
func (p *Proxy) Delay(d time.Duration) { _ = p.set(delaying, d) }

// Reset resets (TCP RST) the connections there are, and new ones once they are made.
func (p *Proxy) Reset() { _ = p.set(resetting, 0) }

// HalfCloseClient tells clients that the server has closed (FIN), and the server nothing.
// What clients still send is passed on. New connections lead nowhere.
func (p *Proxy) HalfCloseClient() { _ = p.set(closingClient, 0) }

// HalfCloseServer tells the server that its clients have closed (FIN), and clients
// nothing, even when the server closes then. New connections lead nowhere.
func (p *Proxy) HalfCloseServer() { _ = p.set(closingServer, 0) }

// Refuse makes new connections fail, as if nothing listened. Existing ones are not
// changed.
func (p *Proxy) Refuse() { _ = p.set(refusing, 0) }

// Heal ends the fault. Connections that lost anything by it are reset. The error is that
// of listening again after Refuse.
func (p *Proxy) Heal() error { return p.set(healthy, 0) }

// Close ends the proxy, its connections and its goroutines.
func (p *Proxy) Close() {
	p.cancel()
	p.mu.Lock()
	if p.listener != nil {
		_ = p.listener.Close()
	}
	for l := range p.links {
		l.reset()
	}
	p.mu.Unlock()
	p.all.Wait()
}

func (p *Proxy) set(f fault, delay time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.delay = f, delay
	close(p.changed)
	p.changed = make(chan struct{})
	for l := range p.links {
		if l.lost && f != dropping {
			l.reset()
		} else {
			l.apply(f)
		}
	}
	if f == refusing && p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	if f == refusing || p.listener != nil {
		return nil
	}
	return p.listenAgain()
}

// listenAgain takes the proxy's port back, which for a moment may be some client's own.
func (p *Proxy) listenAgain() error {
	for tries := 100; ; tries-- {
		listener, err := net.Listen("tcp", p.addr)
		if err == nil {
			p.listen(listener)
			return nil
		}
		if tries == 0 || p.ctx.Err() != nil {
			return errors.Join(err, p.ctx.Err())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (p *Proxy) listen(listener net.Listener) {
	p.listener = listener
	p.all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			p.all.Go(func() { p.serve(conn.(*net.TCPConn)) })
		}
	})
}
