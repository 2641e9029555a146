package testenv

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// link is one client's connection and, unless that leads nowhere, the one to the server.
// The proxy's mutex guards what changes after the pumps have started.
type link struct {
	p              *Proxy
	client, server *net.TCPConn // server is nil where it leads nowhere
	lost           bool         // a fault has cost it something: it cannot go on after that
	deafClient     bool         // a FIN was sent: nothing more can be
	deafServer     bool
	recent         []byte // the end of what the client has sent, for cuts
	awaited        *cut   // made when the server answers next
}

// serve serves one client until its connection ends.
func (p *Proxy) serve(client *net.TCPConn) {
	l := &link{p: p, client: client}
	p.mu.Lock()
	leads := p.fault == healthy || p.fault == delaying || p.fault == refusing
	l.lost = !leads
	p.links[l] = true
	target := p.target
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		l.reset()
		delete(p.links, l)
	}()

	var server net.Conn
	if leads {
		var err error
		if server, err = new(net.Dialer).DialContext(p.ctx, "tcp", target); err != nil {
			return
		}
	}
	p.mu.Lock()
	l.server, _ = server.(*net.TCPConn)
	l.apply(p.fault)
	if p.ctx.Err() != nil {
		l.reset()
	}
	p.mu.Unlock()

	var pumps sync.WaitGroup
	pumps.Go(func() { l.pump(true) })
	if leads {
		pumps.Go(func() { l.pump(false) })
	}
	pumps.Wait()
}

// apply has a fault begin for the link.
func (l *link) apply(f fault) {
	switch f {
	case resetting:
		l.reset()
	case closingClient:
		l.lost, l.deafClient = true, true
		_ = l.client.CloseWrite()
	case closingServer:
		l.lost, l.deafServer = true, true
		if l.server != nil {
			_ = l.server.CloseWrite()
		}
	}
}

// reset ends both connections at once, by RST.
func (l *link) reset() {
	for _, conn := range []*net.TCPConn{l.client, l.server} {
		if conn != nil {
			_ = conn.SetLinger(0)
			_ = conn.Close()
		}
	}
}

// pump passes on what one side sends: up is from the client to the server.
func (l *link) pump(up bool) {
	from, to := l.server, l.client
	if up {
		from, to = l.client, l.server
	}
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			l.p.wait()
			if passes, cut := l.judge(buffer[:n], up); cut != nil {
				l.fall(cut)
			} else if passes {
				if _, failed := to.Write(buffer[:n]); failed != nil {
					l.end(failed, to)
				}
			}
		}
		if err != nil {
			l.end(err, to)
			return
		}
	}
}

// wait holds a chunk back where that is the fault.
func (p *Proxy) wait() {
	p.mu.Lock()
	delay, changed := p.delay, p.changed
	p.mu.Unlock()
	if delay <= 0 {
		return
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-changed:
	case <-p.ctx.Done():
	}
}

// judge reports whether a chunk is to be passed on, or which cut is made instead.
func (l *link) judge(chunk []byte, up bool) (passes bool, c *cut) {
	p := l.p
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault == dropping || up && (l.deafServer || l.server == nil) || !up && l.deafClient {
		l.lost = true
		return false, nil
	}
	if up {
		c = l.sent(chunk)
	} else {
		c, l.awaited = l.awaited, nil
	}
	return true, c
}

// end handles that one side has closed, or that the other takes nothing any more: that one
// is told, unless the fault is that it is not.
func (l *link) end(err error, told *net.TCPConn) {
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	switch {
	case l.p.fault == dropping:
		l.lost = true
	case l.lost:
	case errors.Is(err, io.EOF):
		_ = told.CloseWrite()
	default:
		l.reset()
	}
}
