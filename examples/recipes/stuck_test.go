package recipes

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	pb "google.golang.org/grpc/interop/grpc_testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/djsession/djsession/auth"
)

// shortSends bounds sends by a short time, which the tests here wait for.
func shortSends(t *testing.T) {
	old := sendTimeout
	sendTimeout = 50 * time.Millisecond
	t.Cleanup(func() { sendTimeout = old })
}

var large = strings.Repeat("x", 1<<20)

// ending tells when a handler has returned.
func ending(h http.Handler) (_ http.Handler, ended <-chan struct{}) {
	done := make(chan struct{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		h.ServeHTTP(w, r)
	}), done
}

func (s *loginSite) waitFor(what string, done <-chan struct{}) {
	s.t.Helper()
	select {
	case <-done:
	case <-s.ctx.Done():
		s.t.Errorf("%s has not ended", what)
	}
}

// A client that does not read its events does not keep the stream's goroutine.
func TestEventsForWhoDoesNotRead(t *testing.T) {
	s := newLoginSite(t)
	shortSends(t)
	h, ended := ending(s.Middleware(Events(s.Site, time.Hour, func(ctx context.Context, _ auth.User) <-chan string {
		events := make(chan string)
		go func() {
			for {
				select {
				case events <- large:
				case <-ctx.Done():
					return
				}
			}
		}()
		return events
	})))
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.serve(h), "http://"))
	s.must(err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nCookie: sessionid="+s.key+"\r\n\r\n")
	s.must(err)
	s.waitFor("the stream", ended)
}

// A stream that sends seldom outlives the server's WriteTimeout, and so does its last event.
func TestEventsOutliveWriteTimeout(t *testing.T) {
	s := newLoginSite(t)
	shortSends(t)
	stream, events, _ := openEvents(t, s)
	for range 2 {
		time.Sleep(2 * sendTimeout)
		events <- "x"
		if line, err := stream.ReadString('\n'); err != nil || line != "data: x\n" {
			t.Fatal(line, err)
		}
		_, _ = stream.ReadString('\n')
	}
	time.Sleep(2 * sendTimeout)
	endings["logout"](s)
	if rest, err := io.ReadAll(stream); err != nil || string(rest) != "event: logout\ndata:\n\n" {
		t.Errorf("the stream ends with %q, %v", rest, err)
	}
}

// A client that does not read its answers does not keep the socket's goroutine.
func TestSocketsOfWhoDoesNotRead(t *testing.T) {
	for name := range sockets {
		t.Run(name, func(t *testing.T) {
			s := newLoginSite(t)
			shortSends(t)
			h, ended := ending(s.Middleware(sockets[name](s.Site, time.Hour, func(context.Context, auth.User, []byte) []byte { return []byte(large) })))
			conn, _, err := coder.Dial(s.ctx, strings.Replace(s.serve(h), "http", "ws", 1),
				&coder.DialOptions{HTTPHeader: http.Header{"Cookie": {"sessionid=" + s.key}}})
			s.must(err)
			defer func() { _ = conn.CloseNow() }()
			for range 100 {
				if conn.Write(s.ctx, coder.MessageText, []byte("x")) != nil {
					break
				}
			}
			s.waitFor("the socket", ended)
		})
	}
}

// StreamingInputCall waits for the end of its context, and returns its error.
func (g *greeter) StreamingInputCall(stream pb.TestService_StreamingInputCallServer) error {
	<-stream.Context().Done()
	g.ended <- nil
	return stream.Context().Err()
}

// A stream ends with the login, also while the handler waits for a client that does not read,
// or for something else; the client learns why.
func TestStreamsOfWhoDoesNotRead(t *testing.T) {
	s := newLoginSite(t)
	g, client, ctx := dialGRPC(s)
	_, err := client.StreamingOutputCall(ctx, &pb.StreamingOutputCallRequest{})
	s.must(err)
	waiting, err := client.StreamingInputCall(ctx)
	s.must(err)
	s.waitForChecks()
	endings["logout"](s)
	for range 2 {
		select {
		case <-g.ended:
		case <-s.ctx.Done():
			t.Fatal("a stream has not ended")
		}
	}
	if _, err := waiting.CloseAndRecv(); status.Code(err) != codes.Unauthenticated {
		t.Errorf("the client gets %v", err)
	}
}
