package recipes

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
)

// testSite is a site on a database that Django made.
type testSite struct {
	*Site
	t    *testing.T
	db   *sqlx.DB
	logs *logBuffer
	next chan struct{} // lets a handler that streams go on
	late chan error    // what its change after the headers returned
}

func newTestSite(t *testing.T) *testSite {
	t.Helper()
	made, err := fixtures.Database("6.1")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "db.sqlite3")
	if err := os.WriteFile(path, made, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sqlx.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(60000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.MustExec("DELETE FROM django_session")
	settings := django.DefaultSettings()
	settings.SecretKey = "the tests' key"
	settings.UseTZ = new(true)
	settings.AllowedHosts = []string{"127.0.0.1"}
	settings.PasswordHashers = []string{"django.contrib.auth.hashers.MD5PasswordHasher"} // fast, for tests only
	logs := new(logBuffer)
	site, err := Open(settings, db, django.WithLogger(slog.New(slog.NewTextHandler(logs, nil))))
	if err != nil {
		t.Fatal(err)
	}
	return &testSite{Site: site, t: t, db: db, logs: logs, next: make(chan struct{}), late: make(chan error, 1)}
}

// serve serves a net/http handler and returns its URL.
func (s *testSite) serve(h http.Handler) string {
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // panics that are meant
	server.Start()
	s.t.Cleanup(server.Close)
	return server.URL
}

// visits returns how many visits are stored in the session under key.
func (s *testSite) visits(key string) int {
	s.t.Helper()
	session, err := s.Sessions.Load(s.t.Context(), key)
	if err != nil {
		s.t.Fatal(err)
	}
	visits, err := django.Value(session, "visits", 0)
	if err != nil {
		s.t.Fatal(err)
	}
	return visits
}

// sessions returns how many sessions are stored.
func (s *testSite) sessions() (n int) {
	s.t.Helper()
	if err := s.db.Get(&n, "SELECT count(*) FROM django_session"); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// The parts of the handlers that are the same in every framework.

var errHandler = errors.New("the handler failed")

func (s *testSite) moveKey(r *http.Request) error {
	session, err := s.Sessions.Get(r)
	if err == nil {
		session.CycleKey()
	}
	return err
}

// stream changes the session, sends a part of the body, waits, and changes the
// session again before it sends the rest.
func (s *testSite) stream(w http.ResponseWriter, r *http.Request) {
	if _, err := s.CountVisit(r); err != nil {
		s.t.Error(err)
	}
	s.send(w, "one ")
	<-s.next
	_, err := s.CountVisit(r)
	s.late <- err
	s.send(w, "two")
}

func (s *testSite) send(w http.ResponseWriter, text string) {
	_, err := io.WriteString(w, text)
	if err == nil {
		err = http.NewResponseController(w).Flush()
	}
	if err != nil {
		s.t.Error(err)
	}
}

// hijack switches protocols, as a WebSocket library does, with the headers of the
// response.
func (s *testSite) hijack(w http.ResponseWriter, r *http.Request) {
	if _, err := s.CountVisit(r); err != nil {
		s.t.Error(err)
	}
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		s.t.Error(err)
		return
	}
	defer conn.Close()
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n")
	_ = w.Header().Write(&b)
	b.WriteString("\r\nhello")
	if _, err := conn.Write(b.Bytes()); err != nil {
		s.t.Error(err)
	}
}

// visitor is a browser.
type visitor struct {
	t      *testing.T
	base   *url.URL
	client *http.Client
}

func newVisitor(t *testing.T, base string) *visitor {
	t.Helper()
	at, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	client := &http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
	t.Cleanup(client.CloseIdleConnections)
	return &visitor{t, at, client}
}

type answer struct {
	*http.Response
	text string
}

func (v *visitor) get(path string) answer {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.base.String()+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	a, err := v.do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	return a
}

func (v *visitor) do(r *http.Request) (answer, error) {
	res, err := v.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return answer{res, string(text)}, err
}

// key returns the session's key, empty if there is no cookie.
func (v *visitor) key() string { return v.cookie("sessionid") }

func (v *visitor) cookie(name string) string {
	for _, c := range v.client.Jar.Cookies(v.base) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// logBuffer is a buffer that several goroutines may write to.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
