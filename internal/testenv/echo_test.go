package testenv

import (
	"bufio"
	"io"
	"net"
	"testing"
	"time"
)

// echo is a server that answers each line by itself, and reports how its connections end.
type echo struct {
	addr  string
	lines chan string
	ended chan error
}

func newEcho(t *testing.T) *echo {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	e := &echo{addr: listener.Addr().String(), lines: make(chan string, 100), ended: make(chan error, 100)}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go e.serve(conn)
		}
	}()
	return e
}

func (e *echo) serve(conn net.Conn) {
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			e.ended <- err
			return
		}
		e.lines <- line
		_, _ = conn.Write([]byte(line))
	}
}

func proxyTo(t *testing.T, addr string) *Proxy {
	t.Helper()
	p, err := StartProxy(addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func dial(t *testing.T, p *Proxy) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.(*net.TCPConn)
}

// say sends a line and returns what came back within the limit, and why no more did.
func say(conn net.Conn, line string, limit time.Duration) (string, error) {
	if _, err := conn.Write([]byte(line)); err != nil {
		return "", err
	}
	return hear(conn, len(line), limit)
}

func hear(conn net.Conn, n int, limit time.Duration) (string, error) {
	_ = conn.SetReadDeadline(time.Now().Add(limit))
	answer := make([]byte, n)
	n, err := io.ReadFull(conn, answer)
	return string(answer[:n]), err
}

func answers(t *testing.T, conn net.Conn) {
	t.Helper()
	if got, err := say(conn, "hello\n", time.Minute); got != "hello\n" || err != nil {
		t.Errorf("the answer is %q, %v", got, err)
	}
}

const shortly = 50 * time.Millisecond

func within[V any](t *testing.T, c <-chan V, what string) (v V) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(time.Minute):
		t.Errorf("%s did not come", what)
	}
	return v
}

func silent[V any](t *testing.T, c <-chan V, what string) {
	t.Helper()
	select {
	case v := <-c:
		t.Errorf("%s came: %v", what, v)
	case <-time.After(shortly):
	}
}
