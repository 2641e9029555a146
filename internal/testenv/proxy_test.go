package testenv

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestProxyFaults looks at each fault from a connection that was there and from a new one.
func TestProxyFaults(t *testing.T) {
	isTimeout := func(err error) bool { var e net.Error; return errors.As(err, &e) && e.Timeout() }
	isReset := func(err error) bool {
		return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
	}
	isEOF := func(err error) bool { return errors.Is(err, io.EOF) }
	for _, test := range []struct {
		name      string
		begin     func(*Proxy)
		live      func(error) bool // what a live connection ends with; nil for an answer
		fresh     func(error) bool // the same of one that is new
		arrives   bool             // whether what the live one sends gets to the server
		serverEOF bool             // whether the server is told that the client has closed
		lives     bool             // whether the live one is there after Heal
		stalls    bool             // whether nothing comes
	}{
		{name: "drop", begin: (*Proxy).Drop, live: isTimeout, fresh: isTimeout, stalls: true},
		{name: "delay", begin: func(p *Proxy) { p.Delay(time.Millisecond) }, arrives: true, lives: true},
		{name: "reset", begin: (*Proxy).Reset, live: isReset, fresh: isReset},
		{name: "half-closed client", begin: (*Proxy).HalfCloseClient, live: isEOF, fresh: isEOF, arrives: true},
		{name: "half-closed server", begin: (*Proxy).HalfCloseServer, live: isTimeout, fresh: isTimeout, stalls: true, serverEOF: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := newEcho(t)
			p := proxyTo(t, e.addr)
			live := dial(t, p)
			answers(t, live)
			within(t, e.lines, "the line")

			limit := time.Minute // for what must come
			if test.stalls {
				limit = 2 * shortly
			}
			test.begin(p)
			got, err := say(live, "again\n", limit)
			if (test.live == nil) != (err == nil) || err != nil && !test.live(err) {
				t.Errorf("a live connection got %q, %v", got, err)
			}
			if test.arrives {
				within(t, e.lines, "the line of the live connection")
			} else {
				silent(t, e.lines, "a line")
			}
			if test.serverEOF {
				if err := within(t, e.ended, "the client's FIN"); !isEOF(err) {
					t.Errorf("the server's connection ended with %v", err)
				}
			}
			fresh, err := net.Dial("tcp", p.Addr())
			if err == nil {
				t.Cleanup(func() { fresh.Close() })
				got, err = say(fresh, "fresh\n", limit)
			}
			if (test.fresh == nil) != (err == nil) || err != nil && !test.fresh(err) {
				t.Errorf("a new connection got %q, %v", got, err)
			}

			if err := p.Heal(); err != nil {
				t.Fatal(err)
			}
			if test.lives {
				answers(t, live)
				answers(t, fresh)
			} else if got, err := say(live, "late\n", time.Minute); err == nil || isTimeout(err) {
				t.Errorf("after Heal the live connection got %q, %v", got, err)
			}
			answers(t, dial(t, p))
		})
	}
}

func TestProxyDelays(t *testing.T) {
	p := proxyTo(t, newEcho(t).addr)
	conn := dial(t, p)
	answers(t, conn)
	p.Delay(shortly)
	start := time.Now()
	answers(t, conn)
	if took := time.Since(start); took < 2*shortly {
		t.Errorf("the answer took %v, want %v each way", took, shortly)
	}
	p.Delay(time.Hour)
	if _, err := conn.Write([]byte("x\n")); err != nil {
		t.Fatal(err)
	}
	if err := p.Heal(); err != nil {
		t.Fatal(err)
	}
	if got, err := hear(conn, 2, time.Minute); got != "x\n" {
		t.Errorf("what was held back is %q after Heal, %v", got, err)
	}
}

// TestProxyKeepsTheOtherSide: nobody hears through a fault that the other has closed.
func TestProxyKeepsTheOtherSide(t *testing.T) {
	for name, begin := range map[string]func(*Proxy){"drop": (*Proxy).Drop, "half-closed client": (*Proxy).HalfCloseClient} {
		t.Run(name, func(t *testing.T) {
			e := newEcho(t)
			p := proxyTo(t, e.addr)
			conn := dial(t, p)
			answers(t, conn)
			begin(p)
			conn.Close()
			silent(t, e.ended, "the end of the client")
			if err := p.Heal(); err != nil {
				t.Fatal(err)
			}
			within(t, e.ended, "the end of the client")
		})
	}
}

func TestProxyRefuses(t *testing.T) {
	p := proxyTo(t, newEcho(t).addr)
	live := dial(t, p)
	answers(t, live)
	p.Refuse()
	answers(t, live)
	if conn, err := net.Dial("tcp", p.Addr()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a new connection: %v, %v", conn, err)
	}
	if err := p.Heal(); err != nil {
		t.Fatal(err)
	}
	answers(t, dial(t, p))
	answers(t, live)
}

func TestProxyPassesOnTheEnd(t *testing.T) {
	e := newEcho(t)
	p := proxyTo(t, e.addr)
	conn := dial(t, p)
	answers(t, conn)
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := within(t, e.ended, "FIN"); !errors.Is(err, io.EOF) {
		t.Errorf("the server's connection ended with %v", err)
	}
	if _, err := hear(conn, 1, time.Minute); !errors.Is(err, io.EOF) {
		t.Errorf("the client's connection ended with %v", err)
	}
}

func TestProxySwitchesItsTarget(t *testing.T) {
	one, two := newEcho(t), newEcho(t)
	p := proxyTo(t, one.addr)
	live := dial(t, p)
	answers(t, live)
	within(t, one.lines, "the line at the first target")
	p.SetTarget(two.addr)
	answers(t, dial(t, p))
	within(t, two.lines, "the line at the second target")
	answers(t, live)
	within(t, one.lines, "the live connection's line at the first target")
}

// TestDjangoThroughAProxy: Django is told the proxy's address, too.
func TestDjangoThroughAProxy(t *testing.T) {
	d := servers.New(t, PostgreSQLVendor)
	through, p := d.Proxied(t)
	entry := through.Django(nil)
	if got := net.JoinHostPort(entry["HOST"].(string), entry["PORT"].(string)); got != p.Addr() {
		t.Errorf("Django goes to %s, not to the proxy at %s", got, p.Addr())
	}
	if url := through.URL(); !strings.Contains(url, p.Addr()) {
		t.Error("the URL is not the proxy's")
	}
	if entry := d.Django(nil); net.JoinHostPort(entry["HOST"].(string), entry["PORT"].(string)) != d.server.Addr() {
		t.Error("the database itself leads to the proxy now")
	}
}

func TestProxyLeavesNothing(t *testing.T) {
	d := servers.New(t, PostgreSQLVendor)
	before := runtime.NumGoroutine()
	p := proxyTo(t, d.server.Addr())
	db, err := d.Through(p).Open()
	if err != nil {
		t.Fatal(err)
	}
	p.CutAfter("never sent", nil)
	for _, begin := range []func(*Proxy){
		(*Proxy).Drop, func(p *Proxy) { p.Delay(time.Hour) }, (*Proxy).HalfCloseClient, (*Proxy).HalfCloseServer, (*Proxy).Refuse,
	} {
		if err := p.Heal(); err != nil {
			t.Fatal(err)
		}
		ping(t, db)
		begin(p)
		ctx, cancel := context.WithTimeout(t.Context(), shortly)
		_ = db.PingContext(ctx)
		cancel()
	}
	p.Close()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	for start := time.Now(); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Since(start) > time.Minute {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func ping(t *testing.T, db *sql.DB) {
	t.Helper()
	var err error
	for range 3 { // a stale connection is noticed only when it is used
		if err = db.PingContext(t.Context()); err == nil {
			return
		}
	}
	t.Fatal(err)
}
