package recipes

import (
	"net/http"
	"testing"
)

func TestProxy(t *testing.T) {
	s := newLoginSite(t)
	b := newBackend(t)
	checkIdentity(t, s, b, s.serve(s.Middleware(Proxy(s.Site, b.URL))), http.StatusTeapot)
}

// A user table that is down is no anonymous request either.
func TestProxyWithoutUsers(t *testing.T) {
	s := newLoginSite(t)
	b := newBackend(t)
	v := newVisitor(t, s.serve(s.Middleware(Proxy(s.Site, b.URL)))).as(s.key)
	failures["no users"](s)
	a := v.get("/")
	if requests, _ := b.got(); a.StatusCode != http.StatusServiceUnavailable || requests != 0 {
		t.Errorf("%s, and %d requests reach the backend", a.Status, requests)
	}
}
