package auth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

// TestNextURL: a login leads to where the visitor came from, and nowhere else.
func TestNextURL(t *testing.T) {
	s := newSite(t, func(set *django.Settings) { set.LoginRedirectURL = "/home/" })
	for _, c := range []struct{ query, form, want string }{
		{"", "", "/home/"},
		{"next=/cart/", "", "/cart/"},
		{"next=/cart/%3Fa%3D1%26b%3D2", "", "/cart/?a=1&b=2"},
		{"next=http://example.com/cart/", "", "http://example.com/cart/"},
		{"next=/a/&next=/b/", "", "/b/"},
		{"next=%20/cart/%20", "", "/cart/"},
		{"next=/a/", "next=/b/", "/b/"},
		{"next=/a/", "next=", "/home/"},
		{"next=https://evil.example/", "", "/home/"},
		{"next=//evil.example/", "", "/home/"},
		{"next=/%5Cevil.example/", "", "/home/"},
		{"next=javascript:alert(1)", "", "/home/"},
		{"", "next=https:///evil.example", "/home/"},
	} {
		r := request("GET", "http://example.com/login/?"+c.query)
		if c.form != "" {
			r = request("POST", "http://example.com/login/?"+c.query)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Body = http.NoBody
			r.Body = readCloser{strings.NewReader(c.form)}
		}
		if got := s.logins.NextURL(r); got != c.want {
			t.Errorf("query %q, form %q: %q, want %q", c.query, c.form, got, c.want)
		}
		url, refused := s.logins.CheckNextURL(r)
		asked := c.query + c.form
		if url != c.want || (refused != "") != (strings.Contains(asked, "evil.example") || strings.Contains(asked, "javascript")) {
			t.Errorf("query %q, form %q: %q, refused %q", c.query, c.form, url, refused)
		}
	}
	if _, refused := s.logins.CheckNextURL(request("GET", "http://example.com/login/?next=/a/&next=%2F%2Fevil.example%2F")); refused != "//evil.example/" {
		t.Errorf("refused %q", refused)
	}
	closed := newSite(t, func(set *django.Settings) { set.AllowedHosts = []string{"shop.example"} })
	if got := closed.logins.NextURL(request("GET", "http://evil.example/login/?next=http://evil.example/")); got != "/accounts/profile/" {
		t.Errorf("under a host that is not allowed: %q", got)
	}
}

// TestRedirectNext: the redirect leads to the very URL that was asked for.
func TestRedirectNext(t *testing.T) {
	s := newSite(t, nil)
	for next, want := range map[string]string{
		"/wiki//talk/": "/wiki//talk/", "/files/./a": "/files/./a", "/a/../b": "/a/../b", "/a%2F..%2Fb": "/a%2F..%2Fb", "?page=2": "?page=2", "/a?b=c#d": "/a?b=c#d",
		"/grün/?q=ä b": "/gr%C3%BCn/?q=%C3%A4%20b", "//evil.example/": "/accounts/profile/", "": "/accounts/profile/",
	} {
		w := httptest.NewRecorder()
		s.logins.RedirectNext(w, request("GET", "http://example.com/login/?next="+url.QueryEscape(next)))
		if w.Code != http.StatusFound || w.Header().Get("Location") != want {
			t.Errorf("%q: %d to %q, want %q", next, w.Code, w.Header().Get("Location"), want)
		}
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// TestNextOverHTTPS: a login over HTTPS does not lead to plain HTTP.
func TestNextOverHTTPS(t *testing.T) {
	s := newSite(t, nil)
	for url, want := range map[string]string{
		"http://example.com/?next=http://example.com/a/":   "http://example.com/a/",
		"https://example.com/?next=http://example.com/a/":  "/accounts/profile/",
		"https://example.com/?next=https://example.com/a/": "https://example.com/a/",
	} {
		if got := s.logins.NextURL(request("GET", url)); got != want {
			t.Errorf("%s: %q", url, got)
		}
	}
}
