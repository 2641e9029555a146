package recipes

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/djsession/djsession/auth"
)

// openEvents opens a user's stream, and returns it with the channel that feeds it and the key
// of the session afterwards.
func openEvents(t *testing.T, s *loginSite) (stream *bufio.Reader, events chan<- string, key string) {
	t.Helper()
	source := make(chan string)
	v := newVisitor(t, s.serve(s.Middleware(Events(s.Site, often, func(_ context.Context, user auth.User) <-chan string {
		if user.Username != "mia" {
			t.Errorf("the events of %v", user)
		}
		return source
	})))).as(s.key)
	res, err := v.client.Do(v.request(http.MethodGet, "", ""))
	s.must(err)
	t.Cleanup(func() { res.Body.Close() })
	if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Fatalf("%s, %s", res.Status, got)
	}
	return bufio.NewReader(res.Body), source, v.key()
}

// checkEvents: the stream lasts from one check to the next.
func checkEvents(s *loginSite, stream *bufio.Reader, events chan<- string) {
	s.t.Helper()
	for _, event := range []string{"one", "two"} {
		s.waitForChecks()
		select {
		case events <- event:
		case <-s.ctx.Done():
			s.t.Fatal("the stream has ended")
		}
		line, err := stream.ReadString('\n')
		if _, blankErr := stream.ReadString('\n'); err != nil || blankErr != nil || line != "data: "+event+"\n" {
			s.t.Fatalf("%q, %v, %v; want %q", line, err, blankErr, event)
		}
	}
}

// A stream lasts as long as its login, and says at its end whether that was by a logout.
func TestEventsEndWithTheLogin(t *testing.T) {
	check := func(t *testing.T, end func(*loginSite), want string) {
		s := newLoginSite(t)
		stream, events, _ := openEvents(t, s)
		checkEvents(s, stream, events)
		end(s)
		rest, err := io.ReadAll(stream)
		if err != nil || string(rest) != want {
			t.Errorf("the stream ends with %q, %v; want %q", rest, err, want)
		}
	}
	for name, end := range endings {
		t.Run(name, func(t *testing.T) { check(t, end, "event: logout\ndata:\n\n") })
	}
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) { check(t, fail, "") })
	}
}

// A session whose hash is of an older secret moves to a new key with the response, and the
// stream goes on under that.
func TestEventsFollowARenewedSession(t *testing.T) {
	s := newLoginSite(t)
	settings := s.Sessions.Settings()
	settings.SecretKeyFallbacks, settings.SecretKey = []string{settings.SecretKey}, "a new key"
	renewed, err := Open(settings, s.db)
	s.must(err)
	s.Sessions, s.CSRF = renewed.Sessions, renewed.CSRF
	s.Logins, err = auth.New(s.Sessions, s.users)
	s.must(err)
	stream, events, key := openEvents(t, s)
	if key == s.key {
		t.Fatal("the session was not renewed")
	}
	checkEvents(s, stream, events)
	s.must(s.Sessions.Delete(t.Context(), key))
	if rest, err := io.ReadAll(stream); err != nil || string(rest) != "event: logout\ndata:\n\n" {
		t.Errorf("the stream ends with %q, %v", rest, err)
	}
}

// A source that ends its channel ends the stream.
func TestEventsEndWithTheSource(t *testing.T) {
	s := newLoginSite(t)
	stream, events, _ := openEvents(t, s)
	close(events)
	if rest, err := io.ReadAll(stream); err != nil || len(rest) != 0 {
		t.Errorf("the stream ends with %q, %v", rest, err)
	}
}
