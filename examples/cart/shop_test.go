package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/django"
)

// tables are what the Go side reads of the tables that Django's migrations make.
const tables = `
CREATE TABLE "django_session" (
	"session_key" varchar(40) NOT NULL PRIMARY KEY,
	"session_data" text NOT NULL,
	"expire_date" datetime NOT NULL);
CREATE TABLE "auth_user" (
	"id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
	"username" varchar(150) NOT NULL UNIQUE,
	"is_active" bool NOT NULL);
INSERT INTO "auth_user" VALUES (7, 'ada', 1), (8, '<b>eve</b>', 1), (9, 'gone', 0)`

// testShop is the Go service in front of a server that stands for Django.
type testShop struct {
	*httptest.Server
	t        *testing.T
	db       *sqlx.DB
	sessions *django.Sessions
}

func newTestShop(t *testing.T, upstream http.HandlerFunc) *testShop {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a shop?.sqlite3") // a name that a URL has to escape
	made, err := sqlx.Open("sqlite", "file:"+url.PathEscape(path))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := made.Exec(tables); err != nil {
		t.Fatal(err)
	}
	if err := made.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := openDatabase(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	sessions, err := openSessions("the tests' key", db)
	if err != nil {
		t.Fatal(err)
	}
	if upstream == nil {
		upstream = func(_ http.ResponseWriter, r *http.Request) { t.Errorf("Django was asked for %s", r.URL) }
	}
	shop := httptest.NewServer(upstream)
	t.Cleanup(shop.Close)
	target, err := url.Parse(shop.URL)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{sessions: sessions, db: db}
	front := httptest.NewServer(s.routes(newProxy(target)))
	t.Cleanup(front.Close)
	return &testShop{Server: front, t: t, db: db, sessions: sessions}
}

// session stores a session with these values, in this order, and returns its key.
func (s *testShop) session(keysAndValues ...any) string {
	s.t.Helper()
	session := s.sessions.NewSession()
	for i := 0; i < len(keysAndValues); i += 2 {
		if err := session.Set(keysAndValues[i].(string), keysAndValues[i+1]); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := session.Save(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	return session.Key()
}

// stored returns the session under key as JSON.
func (s *testShop) stored(key string) string {
	s.t.Helper()
	session, err := s.sessions.Load(s.t.Context(), key)
	if err != nil {
		s.t.Fatal(err)
	}
	var members []string
	for k, v := range session.Items() {
		members = append(members, `"`+k+`":`+string(v.JSON()))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// answer is a response that was read.
type answer struct {
	*http.Response
	body string
}

// do sends a request with the session's cookie, unless key is empty, and follows
// no redirect.
func (s *testShop) do(method, path, key string, form url.Values, header ...string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	if key != "" {
		r.AddCookie(&http.Cookie{Name: "sessionid", Value: key})
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{res, string(body)}
}

func (a answer) cookie(name string) *http.Cookie {
	for _, c := range a.Cookies() {
		if c.Name == name {
			return c
		}
	}
	return nil
}

var lineOnPage = regexp.MustCompile(`data-sku="([^"]*)" data-quantity="(\d+)"`)

// cart returns the cart that the page shows, such as "tea×2 mug×1".
func (a answer) cart() string {
	var lines []string
	for _, m := range lineOnPage.FindAllStringSubmatch(a.body, -1) {
		lines = append(lines, m[1]+"×"+m[2])
	}
	return strings.Join(lines, " ")
}
