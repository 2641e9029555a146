package recipes

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	coder "github.com/coder/websocket"
	"github.com/gorilla/websocket"

	"github.com/djsession/djsession/auth"
)

var sockets = map[string]func(*Site, time.Duration, func(context.Context, auth.User, []byte) []byte) http.HandlerFunc{
	"gorilla": GorillaSocket,
	"coder":   CoderSocket,
}

// serveSocket returns the URL of a socket that greets.
func serveSocket(s *loginSite, name string, every time.Duration) string {
	return strings.Replace(s.serve(s.Middleware(sockets[name](s.Site, every, func(_ context.Context, user auth.User, message []byte) []byte {
		return []byte(string(message) + " " + user.Username)
	}))), "http", "ws", 1)
}

// A socket answers for as long as its login, and its close code says why it ends. Each
// library is tested with the other's client.
func TestSocketsEndWithTheLogin(t *testing.T) {
	check := func(t *testing.T, name string, end func(*loginSite), want int) {
		s := newLoginSite(t)
		exchange := dialGorilla
		if name == "gorilla" {
			exchange = dialCoder
		}
		answer := exchange(s, serveSocket(s, name, often))
		for range 2 {
			s.waitForChecks()
			if reply, code := answer("hello"); reply != "hello mia" {
				t.Fatalf("%q, code %d", reply, code)
			}
		}
		end(s)
		if reply, code := answer(""); code != want {
			t.Errorf("%q, close code %d, want %d", reply, code, want)
		}
	}
	for name := range sockets {
		for ending, end := range endings {
			t.Run(name+"/"+ending, func(t *testing.T) { check(t, name, end, websocket.ClosePolicyViolation) })
		}
		for failure, fail := range failures {
			t.Run(name+"/"+failure, func(t *testing.T) { check(t, name, fail, websocket.CloseTryAgainLater) })
		}
	}
}

// dialGorilla returns a function that sends a message unless it is empty, and returns the
// answer, or the code with which the socket was closed.
func dialGorilla(s *loginSite, url string) func(message string) (reply string, code int) {
	conn, res, err := websocket.DefaultDialer.DialContext(s.t.Context(), url, http.Header{"Cookie": {"sessionid=" + s.key}})
	s.must(err)
	res.Body.Close()
	s.t.Cleanup(func() { conn.Close() })
	end, _ := s.ctx.Deadline()
	s.must(conn.SetReadDeadline(end))
	return func(message string) (string, int) {
		if message != "" {
			s.must(conn.WriteMessage(websocket.TextMessage, []byte(message)))
		}
		_, reply, err := conn.ReadMessage()
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			return "", closed.Code
		}
		s.must(err)
		return string(reply), 0
	}
}

func dialCoder(s *loginSite, url string) func(message string) (reply string, code int) {
	ctx := s.ctx
	conn, _, err := coder.Dial(ctx, url, &coder.DialOptions{HTTPHeader: http.Header{"Cookie": {"sessionid=" + s.key}}})
	s.must(err)
	s.t.Cleanup(func() { _ = conn.CloseNow() })
	return func(message string) (string, int) {
		if message != "" {
			s.must(conn.Write(ctx, coder.MessageText, []byte(message)))
		}
		_, reply, err := conn.Read(ctx)
		if code := coder.CloseStatus(err); code != -1 {
			return "", int(code)
		}
		s.must(err)
		return string(reply), 0
	}
}

// A page of another site, with which the browser sends the cookie, gets no socket.
func TestSocketsRefuseOtherOrigins(t *testing.T) {
	for name := range sockets {
		t.Run(name, func(t *testing.T) {
			s := newLoginSite(t)
			url := serveSocket(s, name, time.Hour)
			for origin, want := range map[string]int{"https://evil.example": http.StatusForbidden, strings.Replace(url, "ws", "http", 1): http.StatusSwitchingProtocols} {
				conn, res, err := websocket.DefaultDialer.DialContext(t.Context(), url, http.Header{"Cookie": {"sessionid=" + s.key}, "Origin": {origin}})
				if err == nil {
					conn.Close()
				}
				if res == nil || res.StatusCode != want {
					t.Errorf("%s: %v, %v", origin, res, err)
				}
			}
		})
	}
}
