package compat

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/filecache"
	"github.com/djsession/djsession/cookiestore"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/messages"
)

const messageStorages = "django.contrib.messages.storage."

// messageSite is a row of the table of settings, for Django and for Go.
type messageSite struct {
	name   string
	last   since // the last Django that has the setting; zero for all
	big    bool  // some messages are too big for a cookie
	failed bool  // some pages are answered with 500
	django map[string]any
	change func(*django.Settings)
	engine func(c *cell, cached string) django.Engine // nil is dbstore
}

var messageSites = []messageSite{
	{name: "defaults", failed: true},
	{name: "fallback", big: true, django: map[string]any{"MESSAGE_STORAGE": messageStorages + "fallback.FallbackStorage"},
		change: func(s *django.Settings) { s.MessageStorage = messageStorages + "fallback.FallbackStorage" }},
	{name: "session", big: true, failed: true, django: inSession, change: changeToSession},
	{name: "cookie", failed: true, django: map[string]any{"MESSAGE_STORAGE": messageStorages + "cookie.CookieStorage"},
		change: func(s *django.Settings) { s.MessageStorage = messageStorages + "cookie.CookieStorage" }},
	{name: "attributes", django: map[string]any{"SESSION_COOKIE_DOMAIN": ".example.com", "SESSION_COOKIE_SECURE": true, "SESSION_COOKIE_HTTPONLY": false,
		"SESSION_COOKIE_SAMESITE": nil, "SESSION_COOKIE_PATH": "/shop/", "SESSION_COOKIE_NAME": "shop"},
		change: func(s *django.Settings) {
			s.SessionCookieDomain, s.SessionCookieSecure, s.SessionCookieHTTPOnly = ".example.com", true, false
			s.SessionCookieSameSite, s.SessionCookiePath, s.SessionCookieName = django.SameSiteUnset, "/shop/", "shop"
		}},
	{name: "levels and tags", django: map[string]any{"MESSAGE_LEVEL": 25, "MESSAGE_TAGS": map[string]string{"25": "alert good", "40": ""}},
		change: func(s *django.Settings) {
			s.MessageLevel, s.MessageTags = 25, map[int]string{25: "alert good", 40: ""}
		}},
	{name: "pickled session", last: since{4, 2}, big: true, django: with(inSession, "SESSION_SERIALIZER", "django.contrib.sessions.serializers.PickleSerializer"),
		change: func(s *django.Settings) {
			changeToSession(s)
			s.SessionSerializer = "django.contrib.sessions.serializers.PickleSerializer"
		}},
	{name: "session in a cache", big: true, django: with(inSession, "SESSION_ENGINE", django.EngineCache),
		change: func(s *django.Settings) { changeToSession(s); s.SessionEngine = django.EngineCache },
		engine: func(_ *cell, cached string) django.Engine { return cachestore.New(filecache.New(cached)) }},
	{name: "session in a cookie", django: with(inSession, "SESSION_ENGINE", django.EngineSignedCookies),
		change: func(s *django.Settings) { changeToSession(s); s.SessionEngine = django.EngineSignedCookies },
		engine: func(*cell, string) django.Engine { return cookiestore.New() }},
}

var inSession = map[string]any{"MESSAGE_STORAGE": messageStorages + "session.SessionStorage"}

func changeToSession(s *django.Settings) {
	s.MessageStorage = messageStorages + "session.SessionStorage"
}

func with(settings map[string]any, name string, value any) map[string]any {
	more := map[string]any{name: value}
	for name, value := range settings {
		more[name] = value
	}
	return more
}

// pageVisit is what became of a visit of a page.
type pageVisit struct {
	testenv.Response
	Shown [][][5]any `json:"shown"` // of each get: level, text, extra tags, tags, whether it is safe
}

// messageStep is one of a page's: ["add", level, text, extra_tags, safe], ["get"], ["keep"] or
// ["level", n].
type messageStep []any

// messageServer is one side: the same site, served by Django or by Go.
type messageServer func(t *testing.T, cookie string, program []messageStep, status int) pageVisit

func (c *cell) djangoMessages(s messageSite) messageServer {
	return func(t *testing.T, cookie string, program []messageStep, status int) pageVisit {
		t.Helper()
		if program == nil {
			program = []messageStep{}
		}
		return testenv.Ask[pageVisit](t, c.worker, "visit_page", testenv.Args{"settings": s.django, "cookie": cookie, "program": program, "status": status})
	}
}

func (c *cell) goMessages(t *testing.T, s messageSite, cached string) messageServer {
	t.Helper()
	set := c.sessions.Settings()
	if s.change != nil {
		s.change(&set)
	}
	var engine django.Engine = dbstore.New(c.db)
	if s.engine != nil {
		engine = s.engine(c, cached)
	}
	quiet := slog.New(slog.DiscardHandler)
	sessions, err := django.New(set, engine, django.WithClock(func() time.Time { return stoppedAt }), django.WithLogger(quiet))
	if err != nil {
		t.Fatal(err)
	}
	flash, err := messages.New(sessions, messages.WithLogger(quiet))
	if err != nil {
		t.Fatal(err)
	}
	return func(t *testing.T, cookie string, program []messageStep, status int) (v pageVisit) {
		t.Helper()
		r := httptest.NewRequest("GET", "/", nil)
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		w := httptest.NewRecorder()
		sessions.Middleware(flash.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, s := range program {
				shown, err := s.do(flash, r)
				if err != nil {
					t.Errorf("%v: %v", s, err)
				}
				if shown != nil {
					v.Shown = append(v.Shown, shown)
				}
			}
			w.WriteHeader(status)
		}))).ServeHTTP(w, r)
		v.Status = w.Code
		for _, line := range w.Header()["Set-Cookie"] {
			v.Headers = append(v.Headers, [2]string{"Set-Cookie", line})
		}
		return v
	}
}

func (s messageStep) do(flash *messages.Messages, r *http.Request) (shown [][5]any, err error) {
	switch s[0] {
	case "add":
		opts := []messages.AddOption{messages.ExtraTags(s[3].(string))}
		if s[4].(bool) {
			opts = append(opts, messages.Safe())
		}
		return nil, flash.Add(r, s[1].(int), s[2].(string), opts...)
	case "keep":
		return nil, flash.Keep(r)
	case "level":
		return nil, flash.SetLevel(r, s[1].(int))
	}
	list, err := flash.Get(r)
	shown = [][5]any{}
	for _, m := range list {
		shown = append(shown, [5]any{float64(m.Level), m.Text, m.ExtraTags, m.Tags(), m.Safe})
	}
	return shown, err
}

// messageBrowser keeps cookies.
type messageBrowser map[string]string

func (b messageBrowser) header() string {
	var pairs []string
	for name, value := range b {
		pairs = append(pairs, name+"="+value)
	}
	return strings.Join(pairs, "; ")
}

func (b messageBrowser) keep(v pageVisit) {
	for _, line := range v.Header("Set-Cookie") {
		pair, attributes, _ := strings.Cut(line, "; ")
		name, value, _ := strings.Cut(pair, "=")
		b[name] = value
		if strings.Contains(attributes, "Max-Age=0") {
			delete(b, name)
		}
	}
}
