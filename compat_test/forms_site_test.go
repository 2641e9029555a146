package compat

import (
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// formSite is a row of the table of settings, for Django and for Go.
type formSite struct {
	name    string
	django  map[string]any
	change  func(*django.Settings)
	trusted []string // CSRF_TRUSTED_ORIGINS in the format of Django 4.0 and later

	since31 bool         // needs Django 3.1 or later
	travels bool         // the forms of each side are sent to the other
	right   func(*draft) // makes a form valid for this site; may be nil
	factors []string     // the relevant factors; nil for all
	mixed   int          // number of forms that differ in several factors
}

var formSites = []formSite{
	{
		name: "defaults", travels: true, mixed: 100,
	},
	{
		name: "cookie", factors: []string{"cookie", "view", "GET of"}, mixed: 20,
		django: map[string]any{"CSRF_COOKIE_NAME": "form", "CSRF_COOKIE_AGE": 600, "CSRF_COOKIE_PATH": "/shop/",
			"CSRF_COOKIE_SECURE": true, "CSRF_COOKIE_HTTPONLY": true, "CSRF_COOKIE_SAMESITE": "Strict"},
		change: func(s *django.Settings) {
			s.CSRFCookieName, s.CSRFCookieAge, s.CSRFCookiePath = "form", 600, "/shop/"
			s.CSRFCookieSecure, s.CSRFCookieHTTPOnly, s.CSRFCookieSameSite = true, true, django.SameSiteStrict
		},
	},
	{
		name: "until the browser closes", factors: []string{"view", "GET of"}, mixed: 20,
		django: map[string]any{"CSRF_COOKIE_AGE": nil, "CSRF_COOKIE_SAMESITE": nil},
		change: func(s *django.Settings) { s.CSRFCookieAge, s.CSRFCookieSameSite = 0, django.SameSiteUnset },
	},
	{
		name: "prefix", factors: []string{"view", "GET of"}, mixed: 20, since31: true,
		django: map[string]any{"CSRF_COOKIE_NAME": "__Host-form", "CSRF_COOKIE_SECURE": true, "CSRF_COOKIE_SAMESITE": "None"},
		change: func(s *django.Settings) {
			s.CSRFCookieName, s.CSRFCookieSecure, s.CSRFCookieSameSite = "__Host-form", true, django.SameSiteNone
		},
	},
	{
		name: "origins and header", factors: []string{"token in", "plain HTTP", "host", "Origin", "Referer", "scrambled"}, mixed: 20,
		trusted: []string{"https://trusted.example", "https://trusted.example:8443", "http://plain.example",
			"https://*.wild.example", "https://*.Upper.example:444"},
		django: map[string]any{"ALLOWED_HOSTS": []string{"example.com", ".shop.example", "[::1]"}, "CSRF_HEADER_NAME": "HTTP_X_FORM_TOKEN"},
		change: func(s *django.Settings) {
			s.AllowedHosts, s.CSRFHeaderName = []string{"example.com", ".shop.example", "[::1]"}, "HTTP_X_FORM_TOKEN"
		},
	},
	{
		name: "no host", factors: []string{"host", "Origin", "scrambled"}, mixed: 20,
		trusted: []string{"https://example.com"},
		django:  map[string]any{"ALLOWED_HOSTS": []string{}},
		change:  func(s *django.Settings) { s.AllowedHosts = []string{} },
	},
	{
		name: "cookie domain", factors: []string{"host", "Referer", "scrambled", "GET of"}, mixed: 20,
		django: map[string]any{"CSRF_COOKIE_DOMAIN": ".example.com", "SESSION_COOKIE_DOMAIN": ".shop.example"},
		change: func(s *django.Settings) { s.CSRFCookieDomain, s.SessionCookieDomain = ".example.com", ".shop.example" },
	},
	{
		name: "behind a proxy", factors: []string{"proxy", "host", "Origin", "Referer", "scrambled"}, mixed: 20, right: inFront,
		django: map[string]any{"USE_X_FORWARDED_HOST": true, "USE_X_FORWARDED_PORT": true,
			"SECURE_PROXY_SSL_HEADER": []string{"HTTP_X_FORWARDED_PROTO", "https"}, "CSRF_COOKIE_DOMAIN": "front.example"},
		change: func(s *django.Settings) {
			s.UseXForwardedHost, s.UseXForwardedPort = true, true
			s.SecureProxySSLHeader, s.CSRFCookieDomain = [2]string{"HTTP_X_FORWARDED_PROTO", "https"}, "front.example"
		},
	},
	{
		name: "sessions", travels: true, factors: []string{"cookie", "token", "token in", "method", "view", "GET of"}, mixed: 30,
		django: map[string]any{"CSRF_USE_SESSIONS": true},
		change: func(s *django.Settings) { s.CSRFUseSessions = true },
	},
	{
		name: "sessions with a domain", factors: []string{"host", "Referer", "scrambled", "GET of"}, mixed: 20,
		django: map[string]any{"CSRF_USE_SESSIONS": true, "CSRF_COOKIE_DOMAIN": ".shop.example", "SESSION_COOKIE_DOMAIN": ".example.com"},
		change: func(s *django.Settings) {
			s.CSRFUseSessions, s.CSRFCookieDomain, s.SessionCookieDomain = true, ".shop.example", ".example.com"
		},
	},
}

// formAnswer is a site's answer to a request.
type formAnswer struct {
	testenv.Response
	Reason string `json:"reason"` // of a rejection
	Body   string `json:"body"`
}

// formServer is one side: the same site, served by Django or by Go.
type formServer interface {
	answer(t *testing.T, requests ...formRequest) []formAnswer
}

// formServers opens a site on both sides.
func (c *cell) formServers(t *testing.T, s formSite) (theirs, ours formServer, set django.Settings) {
	t.Helper()
	words := maps.Clone(s.django)
	if words == nil {
		words = map[string]any{}
	}
	set = c.sessions.Settings()
	if s.change != nil {
		s.change(&set)
	}
	if s.trusted != nil {
		set.CSRFTrustedOrigins = trustedBy(c.django, s.trusted)
		words["CSRF_TRUSTED_ORIGINS"] = set.CSRFTrustedOrigins
	}
	return &djangoServer{c.worker, words}, newGoServer(t, c, set), set
}

// trustedBy returns trusted origins in the format of a Django.
func trustedBy(d testenv.Django, origins []string) []string {
	if d.AtLeast(4, 0) {
		return origins
	}
	hosts := make([]string, len(origins))
	for i, origin := range origins {
		_, host, _ := strings.Cut(origin, "://")
		hosts[i] = strings.TrimPrefix(host, "*")
	}
	return hosts
}

type djangoServer struct {
	worker   *testenv.Worker
	settings map[string]any
}

func (s *djangoServer) answer(t *testing.T, requests ...formRequest) []formAnswer {
	t.Helper()
	return testenv.Ask[[]formAnswer](t, s.worker, "answer_forms", testenv.Args{"settings": s.settings, "requests": requests})
}

type goServer struct {
	handler http.Handler
}

func newGoServer(t *testing.T, c *cell, set django.Settings) *goServer {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler) // rejections are expected
	sessions, err := django.New(set, dbstore.New(c.db), django.WithClock(func() time.Time { return stoppedAt }), django.WithLogger(quiet))
	if err != nil {
		t.Fatal(err)
	}
	protection, err := csrf.New(sessions, csrf.WithLogger(quiet), csrf.WithErrorHandler(func(w http.ResponseWriter, _ *http.Request, err error) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, err.Error())
	}))
	if err != nil {
		t.Fatal(err)
	}
	users, err := usertable.Open(c.db, sessions)
	if err != nil {
		t.Fatal(err)
	}
	logins, err := auth.New(sessions, users)
	if err != nil {
		t.Fatal(err)
	}
	return &goServer{sessions.Middleware(protection.Middleware(logins.Middleware(formViews(users, protection, logins))))}
}

// formViews are the worker's views, in Go.
func formViews(users auth.Users, protection *csrf.Protection, logins *auth.Logins) http.Handler {
	mux := http.NewServeMux()
	view := func(path string, do func(r *http.Request) (string, error)) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			text, err := do(r)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			_, _ = io.WriteString(w, text)
		})
	}
	view("/plain", func(*http.Request) (string, error) { return "plain", nil })
	view("/form", func(r *http.Request) (string, error) {
		field, err := protection.Input(r)
		return string(field), err
	})
	view("/echo", func(r *http.Request) (string, error) {
		if r.Method != http.MethodPost { // request.POST is empty for other methods
			return "", nil
		}
		return r.PostFormValue("note"), nil
	})
	view("/raw", func(r *http.Request) (string, error) {
		body, err := io.ReadAll(r.Body)
		return string(body), err
	})
	view("/rotate", func(r *http.Request) (string, error) { protection.RotateToken(r); return "rotated", nil })
	view("/login", func(r *http.Request) (string, error) {
		user, err := users.ByUsername(r.Context(), r.URL.Query().Get("user"))
		if err != nil {
			return "", err
		}
		return "logged in", logins.Login(r, user)
	})
	return mux
}

func (s *goServer) answer(t *testing.T, requests ...formRequest) []formAnswer {
	t.Helper()
	answers := make([]formAnswer, len(requests))
	for i, asked := range requests {
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, asked.made(t))
		a := &answers[i]
		a.Status, a.Body = w.Code, w.Body.String()
		if a.Status == http.StatusForbidden {
			a.Reason, a.Body = a.Body, ""
		}
		for name, values := range w.Header() {
			for _, value := range values {
				a.Headers = append(a.Headers, [2]string{name, value})
			}
		}
	}
	return answers
}
