package recipes

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/djsession/djsession/auth"
)

// openEvents opens a user's stream, and returns it with the channel that feeds it.
func openEvents(t *testing.T, s *loginSite) (stream *bufio.Reader, events chan<- string) {
	t.Helper()
	source := make(chan string)
	v := newVisitor(t, s.serve(s.Middleware(Events(s.Site, often, func(_ context.Context, user auth.User) <-chan string {
		if user.Username != "mia" {
			t.Errorf("the events of %v", user)
		}
		return source
	})))).as(s.key)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.base.String(), nil)
	s.must(err)
	res, err := v.client.Do(r)
	s.must(err)
	t.Cleanup(func() { res.Body.Close() })
	if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || got != "text/event-stream" {
		t.Fatalf("%s, %s", res.Status, got)
	}
	return bufio.NewReader(res.Body), source
}

// A stream lasts as long as its login, and says at its end whether that was by a logout.
func TestEventsEndWithTheLogin(t *testing.T) {
	check := func(t *testing.T, end func(*loginSite), want string) {
		s := newLoginSite(t)
		stream, events := openEvents(t, s)
		for _, event := range []string{"one", "two"} {
			s.waitForChecks()
			events <- event
			line, err := stream.ReadString('\n')
			if _, blankErr := stream.ReadString('\n'); err != nil || blankErr != nil || line != "data: "+event+"\n" {
				t.Fatalf("%q, %v, %v; want %q", line, err, blankErr, event)
			}
		}
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
	site, err := Open(settings, s.db)
	s.must(err)
	v := newVisitor(t, s.serve(site.Middleware(Events(site, often, func(ctx context.Context, user auth.User) <-chan string {
		c := make(chan string)
		go func() {
			for ctx.Err() == nil {
				select {
				case c <- user.ID:
				case <-ctx.Done():
				}
			}
		}()
		return c
	})))).as(s.key)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.base.String(), nil)
	s.must(err)
	res, err := v.client.Do(r)
	s.must(err)
	defer res.Body.Close()
	if v.key() == s.key {
		t.Fatal("the session was not renewed")
	}
	stream := bufio.NewReader(res.Body)
	for range 200 {
		if line, err := stream.ReadString('\n'); err != nil || strings.HasPrefix(line, "event: logout") {
			t.Fatalf("%q, %v", line, err)
		}
	}
	s.must(s.Sessions.Delete(t.Context(), v.key()))
	if rest, err := io.ReadAll(stream); err != nil || !strings.HasSuffix(string(rest), "event: logout\ndata:\n\n") {
		t.Errorf("the stream ends with %q, %v", rest, err)
	}
}
