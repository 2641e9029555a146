package messages_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/memstore"
	"github.com/djsession/djsession/messages"
)

const (
	secretKey       = "the-secret-of-the-site"
	sessionStorage  = "django.contrib.messages.storage.session.SessionStorage"
	cookieStorage   = "django.contrib.messages.storage.cookie.CookieStorage"
	fallbackStorage = "django.contrib.messages.storage.fallback.FallbackStorage"
)

var now = time.Unix(1700000000, 500_000_000)

// A site has messages, and sessions that live in memory. Each test ends with a look at the
// log: it must hold no secret and no text of a message.
type site struct {
	sessions *django.Sessions
	*messages.Messages
	store *store
	logs  *testenv.Log
}

// newSite makes a site; change is made to settings that are Django's defaults.
func newSite(t testing.TB, change func(*django.Settings)) *site {
	t.Helper()
	st := &site{logs: new(testenv.Log)}
	settings := django.DefaultSettings()
	settings.SecretKey = secretKey
	if change != nil {
		change(&settings)
	}
	logger := slog.New(slog.NewTextHandler(st.logs, nil))
	engine := django.EngineFunc(func(site django.Site) (django.Store, error) {
		inner, err := memstore.New().Open(site)
		st.store = &store{Store: inner}
		return st.store, err
	})
	var err error
	st.sessions, err = django.New(settings, engine, django.WithLogger(logger), django.WithClock(func() time.Time { return now }))
	must(t, err)
	st.Messages, err = messages.New(st.sessions, messages.WithLogger(logger))
	must(t, err)
	t.Cleanup(func() {
		for _, secret := range []string{settings.SecretKey, "private"} {
			if strings.Contains(st.logs.String(), secret) {
				t.Errorf("the log holds %q:\n%s", secret, st.logs)
			}
		}
	})
	return st
}

func in(storage string) func(*django.Settings) {
	return func(s *django.Settings) { s.MessageStorage = storage }
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// handler is h behind both middlewares.
func (st *site) handler(h http.HandlerFunc) http.Handler {
	return st.sessions.Middleware(st.Middleware(h))
}

func (st *site) serve(t testing.TB, r *http.Request, h http.HandlerFunc) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	st.handler(h).ServeHTTP(w, r)
	return w
}

func request(cookie string) *http.Request {
	r := httptest.NewRequest("GET", "/page", nil)
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	return r
}

// session stores a session with these "_messages", and gives its key.
func (st *site) session(t testing.TB, stored any) string {
	t.Helper()
	s := st.sessions.NewSession()
	must(t, s.Set("cart", 1))
	if text, ok := stored.(*string); !ok || text != nil {
		must(t, s.Set("_messages", stored))
	}
	must(t, s.Save(t.Context()))
	return s.Key()
}

// stored returns the "_messages" of a session, nil if it has none.
func (st *site) stored(t testing.TB, key string) *string {
	t.Helper()
	s, err := st.sessions.Load(t.Context(), key)
	must(t, err)
	text, err := django.Value[*string](s, "_messages", nil)
	must(t, err)
	return text
}

// step does one step of a program of testdata/golden.py, and returns what a get shows.
func (st *site) step(t testing.TB, r *http.Request, step []json.RawMessage) [][5]any {
	t.Helper()
	arg := func(i int, into any) { must(t, decode(step[i], into)) }
	var name string
	switch arg(0, &name); name {
	case "add":
		var (
			level      int
			text, tags string
			safe       bool
		)
		arg(1, &level)
		arg(2, &text)
		arg(3, &tags)
		arg(4, &safe)
		opts := []messages.AddOption{messages.ExtraTags(tags)}
		if safe {
			opts = append(opts, messages.Safe())
		}
		must(t, st.Add(r, level, text, opts...))
	case "get":
		list, err := st.Get(r)
		must(t, err)
		shown := [][5]any{}
		for _, m := range list {
			shown = append(shown, [5]any{m.Level, m.Text, m.ExtraTags, m.Tags(), m.Safe})
		}
		return shown
	case "keep":
		must(t, st.Keep(r))
	case "level":
		var level int
		arg(1, &level)
		must(t, st.SetLevel(r, level))
	}
	return nil
}
