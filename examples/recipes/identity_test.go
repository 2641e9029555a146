package recipes

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// backend is a server behind a proxy, which keeps the headers of its last request.
type backend struct {
	*url.URL
	mu       sync.Mutex
	requests int
	path     string
	header   http.Header
}

func newBackend(t *testing.T) *backend {
	b := &backend{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.requests++
		b.path = r.Method + " " + r.URL.Path
		b.header = r.Header.Clone()
		w.WriteHeader(http.StatusTeapot)
	}))
	t.Cleanup(server.Close)
	b.URL, _ = url.Parse(server.URL) // a test server's URL is one
	return b
}

// got returns how many requests came and, of the last one, the headers that speak of users.
func (b *backend) got() (requests int, identity []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, values := range b.header {
		if strings.Contains(strings.ReplaceAll(strings.ToLower(name), "_", "-"), "x-user-") {
			identity = append(identity, name+": "+strings.Join(values, ","))
		}
	}
	slices.Sort(identity)
	return b.requests, identity
}

// forged are headers with which a client tries to be another user.
var forged = []string{"X-User-Id", "1", "X-User-Name", "admin", "X_User_Id", "1", "X-User_Id", "1", "X_USER-ID", "1", "X_User_Name", "admin", "X-User_Name", "admin", "X_User-Name", "admin", "x-user-id", "1", "X-User-Id", "2", "Connection", "X-User-Id, X-User-Name"}

// checkIdentity: behind the server at base, the backend learns who is logged in, whatever the
// client sends, and a request of which nobody knows whose it is does not reach it.
func checkIdentity(t *testing.T, s *loginSite, b *backend, base string, anonymous int) {
	t.Helper()
	odd := s.newUser("Zoë, 50% \"x\"")
	check := func(what, key string, status, requests int, identity ...string) {
		t.Helper()
		before, _ := b.got()
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			a := newVisitor(t, base).as(key).send(method, "/orders?x=1", "body", forged...)
			if a.StatusCode != status {
				t.Errorf("%s, %s: %s, want %d", what, method, a.Status, status)
			}
		}
		got, headers := b.got()
		if got-before != 2*requests || requests > 0 && (!slices.Equal(headers, identity) || b.path != "POST /orders") {
			t.Errorf("%s: %d requests reach the backend, want %d; %s with %q, want %q", what, got-before, 2*requests, b.path, headers, identity)
		}
	}
	reached := 0
	if anonymous == http.StatusTeapot {
		reached = 1
	}
	check("logged in", s.key, http.StatusTeapot, 1, "X-User-Id: "+s.user.ID, "X-User-Name: mia")
	check("an odd name", s.login(odd), http.StatusTeapot, 1, "X-User-Id: "+odd.ID, "X-User-Name: Zo%C3%AB%2C%2050%25%20%22x%22")
	check("anonymous", "", anonymous, reached)
	mine := s.login(s.user)
	endings["logout"](s)
	check("logged out", s.key, anonymous, reached)
	s.key = mine
	endings["password changed"](s)
	check("password changed", s.key, anonymous, reached)
	s.key = s.login(odd)
	failures["database down"](s)
	check("database down", s.key, http.StatusServiceUnavailable, 0)
}
