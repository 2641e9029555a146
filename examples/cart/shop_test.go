package main

import (
	"errors"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// password is that of all users of the tests.
const password = "correct horse"

// users has ada, who is active, eve with a name that is markup, somebody who has
// gone, and a superuser.
const users = `
INSERT INTO auth_user (id, username, password, is_active, is_staff, is_superuser, first_name, last_name, email, date_joined) VALUES
	(107, 'ada', ?1, 1, 1, 0, '', '', '', '2026-01-01 00:00:00'), (108, '<b>eve</b>', ?1, 1, 0, 0, '', '', '', '2026-01-01 00:00:00'),
	(109, 'gone', ?1, 0, 0, 0, '', '', '', '2026-01-01 00:00:00'), (110, 'root', ?1, 1, 1, 1, '', '', '', '2026-01-01 00:00:00');
INSERT INTO auth_user_user_permissions (user_id, permission_id)
	SELECT 107, p.id FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id
	WHERE c.app_label = 'auth' AND p.codename = 'view_user'`

// testShop is the Go service, on a database that Django made, in front of a server
// that stands for Django.
type testShop struct {
	*httptest.Server
	*service
	t  *testing.T
	db *sqlx.DB
}

func newTestShop(t *testing.T, upstream http.HandlerFunc, changes ...func(*service, *sqlx.DB)) *testShop {
	t.Helper()
	made, err := fixtures.Database("6.1")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a shop?.sqlite3") // a name that a URL has to escape
	if err := os.WriteFile(path, made, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := openDatabase(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Exec(users, testenv.MD5Hash(password)); err != nil {
		t.Fatal(err)
	}
	settings := shopSettings(django.EngineDB)
	settings.SecretKey = "the tests' key"
	// The cheapest there is.
	settings.PasswordHashers = []string{"django.contrib.auth.hashers.MD5PasswordHasher"}
	s, err := newService(settings, db, dbstore.New(db))
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		change(s, db)
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
	front := httptest.NewServer(s.routes(newProxy(target)))
	t.Cleanup(front.Close)
	return &testShop{Server: front, service: s, t: t, db: db}
}

// login stores a session in which a user is logged in, with these values besides,
// and returns its key.
func (s *testShop) login(id, passwordHash string, keysAndValues ...any) string {
	s.t.Helper()
	session, err := s.sessions.Load(s.t.Context(), s.session(keysAndValues...))
	if err == nil {
		err = s.logins.LoginSession(s.t.Context(), session, auth.User{ID: id, Password: passwordHash})
	}
	if err == nil {
		err = session.Save(s.t.Context())
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return session.Key()
}

// ada stores a session in which ada is logged in and has a mug in her cart.
func (s *testShop) ada() (key string) {
	return s.login("107", testenv.MD5Hash(password), "cart", Cart{{"mug", 1}})
}

// exists reports whether there is a session under key.
func (s *testShop) exists(key string) bool {
	s.t.Helper()
	_, err := s.sessions.Load(s.t.Context(), key)
	if err != nil && !errors.Is(err, django.ErrNotFound) {
		s.t.Fatal(err)
	}
	return err == nil
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
		members = append(members, `"`+k+`":`+string(v.Bytes()))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// answer is a response that was read.
type answer struct {
	*http.Response
	body string
}

// secret is a browser's CSRF cookie, and good as a token, too.
const secret = "abcdefghijklmnopqrstuvwxyz012345"

// post sends a form with its CSRF token.
func (s *testShop) post(path, key string, form url.Values, header ...string) answer {
	s.t.Helper()
	form = maps.Clone(form)
	if form == nil {
		form = url.Values{}
	}
	form.Set("csrfmiddlewaretoken", secret)
	return s.do("POST", path, key, form, append([]string{"Cookie", "csrftoken=" + secret}, header...)...)
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

// field returns the value of the first hidden field of this name on the page.
func (a answer) field(name string) string {
	m := regexp.MustCompile(`<input type="hidden" name="` + name + `" value="([^"]*)">`).FindStringSubmatch(a.body)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
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
