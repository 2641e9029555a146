package djangotest

import (
	"cmp"
	"context"
	"crypto/tls"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
)

// Client is a browser whose requests go to a handler, without a network. Every address
// leads there; a path needs one in front, such as http://testserver. Like Django's test
// client it sends each cookie to every address. A response is there once the handler has
// returned: for a stream that does not end use httptest.NewServer. Safe for concurrent use.
type Client struct {
	*http.Client

	site *Memory
	jar  *jar
}

// Client returns a new browser, without cookies, whose requests h answers.
func (m *Memory) Client(h http.Handler) *Client {
	j := &jar{now: m.Clock.Now, cookies: map[string]kept{}}
	return &Client{&http.Client{Transport: transport{h}, Jar: j}, m, j}
}

// AddCookie gives the browser a cookie, as a response would.
func (c *Client) AddCookie(cookie *http.Cookie) { c.jar.SetCookies(nil, []*http.Cookie{cookie}) }

// ForceLogin logs a user in without a password, by the session that the browser has or a new
// one: as in a login by a form, an anonymous session keeps its data under a new key, the
// same user's session stays, and another user's is deleted. A user without a Backend gets
// the first of AUTHENTICATION_BACKENDS. Django's Client.force_login.
func (c *Client) ForceLogin(t testing.TB, u auth.User) {
	t.Helper()
	c.AddCookie(c.site.forceLogin(t, c.Session(t), u))
}

// Session returns the session that the browser's cookie leads to, as [Memory.Session] does.
// Django's Client.session.
func (c *Client) Session(t testing.TB) *django.Session {
	t.Helper()
	name := c.site.Sessions.Settings().SessionCookieName
	for _, cookie := range c.jar.Cookies(nil) {
		if cookie.Name == name {
			return c.site.Session(t, cookie)
		}
	}
	return c.site.Session(t, nil)
}

// transport answers requests by a handler.
type transport struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (tr transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context()) // a server's ends with the handler
	defer cancel()
	incoming := httptest.NewRequestWithContext(ctx, r.Method, r.URL.RequestURI(), r.Body)
	incoming.Header, incoming.ContentLength = r.Header.Clone(), r.ContentLength
	incoming.Host = cmp.Or(r.Host, r.URL.Host)
	if r.URL.Scheme == "https" {
		incoming.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: r.URL.Hostname()}
	}
	w := httptest.NewRecorder()
	tr.handler.ServeHTTP(w, incoming)
	if r.Body != nil {
		_ = r.Body.Close()
	}
	res := w.Result()
	res.Request = r
	return res, nil
}

// jar keeps cookies by name, whatever their domain and path, until they expire.
type jar struct {
	now     func() time.Time
	mu      sync.Mutex
	cookies map[string]kept
}

type kept struct {
	cookie  *http.Cookie // as the browser sends it
	expires time.Time    // zero until the browser closes
}

// SetCookies implements http.CookieJar.
func (j *jar) SetCookies(_ *url.URL, cookies []*http.Cookie) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, c := range cookies {
		k := kept{cookie: &http.Cookie{Name: c.Name, Value: c.Value, Quoted: c.Quoted}}
		switch {
		case c.MaxAge > 0:
			k.expires = j.now().Add(time.Duration(c.MaxAge) * time.Second)
		case c.MaxAge < 0:
			k.expires = j.now()
		case !c.Expires.IsZero():
			k.expires = c.Expires
		}
		j.cookies[c.Name] = k
	}
}

// Cookies implements http.CookieJar.
func (j *jar) Cookies(*url.URL) []*http.Cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	var cookies []*http.Cookie
	for _, name := range slices.Sorted(maps.Keys(j.cookies)) {
		if k := j.cookies[name]; k.expires.IsZero() || k.expires.After(j.now()) {
			cookies = append(cookies, k.cookie)
		}
	}
	return cookies
}
