package origin_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/djsession/djsession/internal/origin"
)

type addr string

func (addr) Network() string  { return "test" }
func (a addr) String() string { return string(a) }

func withLocalAddr(ctx context.Context, a string) context.Context {
	return context.WithValue(ctx, http.LocalAddrContextKey, addr(a))
}

func TestPortOfAServer(t *testing.T) {
	var port string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		port = (&origin.Settings{}).Port(r)
	}))
	defer s.Close()
	res, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if _, want, _ := net.SplitHostPort(s.Listener.Addr().String()); port != want {
		t.Errorf("port %q of %s", port, s.URL)
	}
}

func TestPortWithoutAny(t *testing.T) {
	r := httptest.NewRequest("GET", "http://example.com/", nil)
	unix := r.WithContext(withLocalAddr(r.Context(), "/run/site.socket"))
	secure := httptest.NewRequest("GET", "https://example.com/", nil)
	for _, c := range []struct {
		r    *http.Request
		want string
	}{{r, "80"}, {unix, "80"}, {secure, "443"}} {
		if got := (&origin.Settings{}).Port(c.r); got != c.want {
			t.Errorf("port %q, want %s", got, c.want)
		}
	}
	ipv6 := r.WithContext(withLocalAddr(r.Context(), "[::1]:8000"))
	if got := (&origin.Settings{}).Port(ipv6); got != "8000" {
		t.Errorf("port %q at an IPv6 address", got)
	}
}

// Several headers of a name are one text, so that none of them can be chosen by
// who adds another.
func TestRepeatedHeaders(t *testing.T) {
	r := httptest.NewRequest("GET", "http://own.example.com/", nil)
	for _, v := range []string{"a.example.com", "b.example.com"} {
		r.Header.Add("X-Forwarded-Host", v)
	}
	for _, v := range []string{"http", "https"} {
		r.Header.Add("X-Forwarded-Proto", v)
	}
	settings := &origin.Settings{
		UseXForwardedHost:    true,
		SecureProxySSLHeader: [2]string{"HTTP_X_FORWARDED_PROTO", "https"},
	}
	if host, ok := settings.Host(r); ok {
		t.Errorf("host %q of two", host)
	}
	if settings.IsSecure(r) {
		t.Error("the second proxy's word counts")
	}
}

// Django 4.1 was the first to take the first of several.
func TestSeveralProxies(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("X-Forwarded-Proto", "https, http")
	for version, want := range map[string]bool{"2.2": false, "4.0": false, "4.1": true, "6.1": true, "": true} {
		settings := &origin.Settings{DjangoVersion: version, SecureProxySSLHeader: [2]string{"HTTP_X_FORWARDED_PROTO", "https"}}
		if got := settings.IsSecure(r); got != want {
			t.Errorf("Django %q: %v", version, got)
		}
	}
}

func TestHeaderName(t *testing.T) {
	for name, want := range map[string]string{
		"HTTP_X_CSRFTOKEN": "X-Csrftoken", "HTTP_HOST": "Host", "HTTP_x_forwarded_PROTO": "", "HTTP_X-FORWARDED-PROTO": "", "X-XSRF-TOKEN": "", "HTTP_": "",
		"X-CSRFToken": "", "": "", "CONTENT_TYPE": "",
	} {
		if got := origin.HeaderName(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
