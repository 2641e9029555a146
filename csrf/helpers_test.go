package csrf_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

const (
	bare   = "aZ9kM4kM4kM4kM4kM4kM4kM4kM4kM4zA"
	masked = "Q1w2E3r4Q1w2E3r4Q1w2E3r4Q1w2E3r4QQvcgXBGKb8WOFlesVGEyd3Y0DqcgXQu" // of bare
	wrong  = "mN8bV7cXmN8bV7cXmN8bV7cXmN8bV7cXcOWuC4vEj6P8eO9g3KrSSqTUFu5uC4bX"
)

// A site is a protection of sessions that live in memory. Each test ends with a
// look at the log: it must hold no secret and no token.
type site struct {
	t        testing.TB
	sessions *django.Sessions
	*csrf.Protection
	store *memory
	logs  *testenv.Log
}

// newSite makes a site; change is made to settings that are Django's defaults.
func newSite(t testing.TB, change func(*django.Settings), opts ...csrf.Option) *site {
	t.Helper()
	st := &site{t: t, store: &memory{rows: map[string]row{}}, logs: new(testenv.Log)}
	settings := django.DefaultSettings()
	settings.SecretKey = "the-secret-of-the-site"
	if change != nil {
		change(&settings)
	}
	logger := slog.New(slog.NewTextHandler(st.logs, nil))
	engine := django.EngineFunc(func(django.Site) (django.Store, error) { return st.store, nil })
	var err error
	st.sessions, err = django.New(settings, engine, django.WithLogger(logger),
		django.WithClock(func() time.Time { return time.Unix(1700000000, 0) }))
	must(t, err)
	st.Protection, err = csrf.New(st.sessions, append([]csrf.Option{csrf.WithLogger(logger)}, opts...)...)
	must(t, err)
	t.Cleanup(func() {
		log := st.logs.String()
		for _, secret := range []string{bare, masked, wrong, settings.SecretKey} {
			if strings.Contains(log, secret) {
				t.Errorf("the log holds a secret:\n%s", log)
			}
		}
	})
	return st
}

func inSessions(s *django.Settings) { s.CSRFUseSessions = true }

// handler is h behind both middlewares.
func (st *site) handler(h http.HandlerFunc) http.Handler {
	return st.sessions.Middleware(st.Middleware(h))
}

func (st *site) serve(r *http.Request, h http.HandlerFunc) *httptest.ResponseRecorder {
	st.t.Helper()
	w := httptest.NewRecorder()
	st.handler(h).ServeHTTP(w, r)
	return w
}

// session stores a session with this _csrftoken and gives its key.
func (st *site) session(value any) string {
	st.t.Helper()
	s := st.sessions.NewSession()
	must(st.t, s.Set("_csrftoken", value))
	must(st.t, s.Save(context.Background()))
	st.store.count()
	return s.Key()
}

// stored is the _csrftoken of the session under key, "" if there is none.
func (st *site) stored(key string) string {
	st.t.Helper()
	s, err := st.sessions.Load(context.Background(), key)
	must(st.t, err)
	text, err := django.Value(s, "_csrftoken", "")
	must(st.t, err)
	st.store.count()
	return text
}

// post is a POST of a form, and of a cookie, each "" if there is none.
func post(cookie, form string) *http.Request {
	r := httptest.NewRequest("POST", "/form", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	return r
}

const field = "csrfmiddlewaretoken="

// page is a handler that shows a form.
func (st *site) page(w http.ResponseWriter, r *http.Request) {
	input, err := st.Input(r)
	if err != nil {
		return // as the middleware answers
	}
	fmt.Fprint(w, input)
}

func ok(http.ResponseWriter, *http.Request) {}

// tokenOf is the token in a page.
func tokenOf(t testing.TB, page string) string {
	t.Helper()
	token, found := strings.CutPrefix(page, `<input type="hidden" name="csrfmiddlewaretoken" value="`)
	token, closed := strings.CutSuffix(token, `">`)
	if !found || !closed {
		t.Fatalf("no input: %q", page)
	}
	return token
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func check[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// memory is a store that counts its calls and can be made to fail.
type memory struct {
	mu    sync.Mutex
	rows  map[string]row
	calls []string
	fail  error

	onLoad func() // called by Load, if it is there
}

type row struct {
	data    *serializer.Dict
	version int
}

func (m *memory) enter(name string) (unlock func(), err error) {
	m.mu.Lock()
	m.calls = append(m.calls, name)
	return m.mu.Unlock, m.fail
}

// count gives the calls since the last count, as in "Load Save".
func (m *memory) count() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	calls := strings.Join(m.calls, " ")
	m.calls = nil
	return calls
}

func (m *memory) record(key string) django.Record {
	r := m.rows[key]
	return django.Record{Key: key, Data: r.data.Clone(), Version: strconv.Itoa(r.version)}
}

func (m *memory) Capabilities() django.Capabilities { return django.Capabilities{AtomicMove: true} }

func (m *memory) Load(_ context.Context, key string, _ time.Time) (django.Record, error) {
	if m.onLoad != nil {
		m.onLoad()
	}
	unlock, err := m.enter("Load")
	defer unlock()
	if err != nil {
		return django.Record{}, err
	}
	if _, ok := m.rows[key]; !ok {
		return django.Record{}, django.ErrNotFound
	}
	return m.record(key), nil
}

func (m *memory) Create(_ context.Context, w django.Write) (django.Record, error) {
	unlock, err := m.enter("Create")
	defer unlock()
	if err != nil {
		return django.Record{}, err
	}
	m.rows[w.Key] = row{w.Data.Clone(), 1}
	return m.record(w.Key), nil
}

func (m *memory) Save(_ context.Context, old django.Record, u django.Write) (django.Record, error) {
	unlock, err := m.enter("Save")
	defer unlock()
	if err != nil {
		return django.Record{}, err
	}
	now, ok := m.rows[old.Key]
	if !ok {
		return django.Record{}, django.ErrNotFound
	}
	if strconv.Itoa(now.version) != old.Version {
		return m.record(old.Key), django.ErrConflict
	}
	delete(m.rows, old.Key)
	now.version++
	if u.Data != nil {
		now.data = u.Data.Clone()
	}
	m.rows[u.Key] = now
	return m.record(u.Key), nil
}

func (m *memory) Delete(_ context.Context, key string) error {
	unlock, err := m.enter("Delete")
	defer unlock()
	if err == nil {
		delete(m.rows, key)
	}
	return err
}

func (m *memory) ClearExpired(context.Context, time.Time) (int64, error) { return 0, nil }
