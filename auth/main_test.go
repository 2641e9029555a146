package auth_test

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

const (
	modelBackend = "django.contrib.auth.backends.ModelBackend"
	allowAll     = "django.contrib.auth.backends.AllowAllUsersModelBackend"
	md5Hasher    = "django.contrib.auth.hashers.MD5PasswordHasher"

	annPassword = "correct horse"
)

var annHash = testenv.MD5Hash(annPassword)

// site is a Django site in the database that a real Django made: ann (1) is
// active and has a password, ben (2) has none, cyd (3) is not active.
type site struct {
	db       *sqlx.DB
	settings django.Settings
	sessions *django.Sessions
	users    *watched
	logins   *auth.Logins
	csrf     *csrf.Protection
	log      *testenv.Log
}

func newSite(t testing.TB, change func(*django.Settings), opts ...auth.Option) *site {
	t.Helper()
	d := testenv.Filled(t, "6.1")
	s := &site{db: sqlx.NewDb(d.Connect(t, "_pragma=synchronous(off)"), d.Driver()), log: new(testenv.Log)}
	s.exec(t, "UPDATE auth_user SET password = ? WHERE username <> 'ben'", annHash)
	s.settings = django.DefaultSettings()
	s.settings.SecretKey, s.settings.UseTZ = "a secret of the tests", new(true)
	s.settings.PasswordHashers = []string{md5Hasher}
	if change != nil {
		change(&s.settings)
	}
	s.open(t, opts...)
	return s
}

// open opens the site with its settings as they are now.
func (s *site) open(t testing.TB, opts ...auth.Option) {
	t.Helper()
	logger := slog.New(slog.NewTextHandler(s.log, nil))
	var err error
	if s.sessions, err = django.New(s.settings, dbstore.New(s.db), django.WithLogger(logger)); err != nil {
		t.Fatal(err)
	}
	table, err := usertable.Open(s.db, s.sessions)
	if err != nil {
		t.Fatal(err)
	}
	s.users = &watched{Table: table}
	if s.logins, err = auth.New(s.sessions, s.users, append([]auth.Option{auth.WithLogger(logger)}, opts...)...); err != nil {
		t.Fatal(err)
	}
	if s.csrf, err = csrf.New(s.sessions, csrf.WithLogger(logger)); err != nil {
		t.Fatal(err)
	}
}

// withUsers opens the site's logins with other users.
func (s *site) withUsers(t testing.TB, users auth.Users, opts ...auth.Option) {
	t.Helper()
	var err error
	if s.logins, err = auth.New(s.sessions, users, opts...); err != nil {
		t.Fatal(err)
	}
}

func (s *site) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := s.db.Exec(query, args...); err != nil {
		t.Fatal(err)
	}
}

// user returns a user as the table has them.
func (s *site) user(t testing.TB, name string) auth.User {
	t.Helper()
	u, err := s.users.Table.ByUsername(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// login makes a session in which the user is logged in and returns its key.
func (s *site) login(t testing.TB, name string) string {
	t.Helper()
	session := s.sessions.NewSession()
	if err := s.logins.LoginSession(t.Context(), session, s.user(t, name)); err != nil {
		t.Fatal(err)
	}
	save(t, session)
	return session.Key()
}

func save(t testing.TB, session *django.Session) {
	t.Helper()
	if err := session.Save(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (s *site) load(t *testing.T, key string) *django.Session {
	t.Helper()
	session, err := s.sessions.Load(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// namesUser checks whose login the session under key holds; "" is nobody's.
func (s *site) namesUser(t *testing.T, key, want string) {
	t.Helper()
	v, err := s.logins.Inspect(t.Context(), s.load(t, key))
	if err != nil || v.User.Username != want {
		t.Errorf("want %q: %+v, %v", want, v, err)
	}
}

func (s *site) exists(t *testing.T, key string) bool {
	t.Helper()
	_, err := s.sessions.Load(t.Context(), key)
	if err != nil && !errors.Is(err, django.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

// handler puts the site's middleware around h.
func (s *site) handler(h http.Handler) http.Handler {
	return s.sessions.Middleware(s.csrf.Middleware(s.logins.Middleware(h)))
}

// get sends a GET with a session cookie, if there is a key.
func (s *site) get(h http.HandlerFunc, key string) *httptest.ResponseRecorder {
	return s.send(h, httptest.NewRequest("GET", "/page/", nil), key)
}

func (s *site) send(h http.Handler, r *http.Request, key string) *httptest.ResponseRecorder {
	if key != "" {
		r.AddCookie(&http.Cookie{Name: "sessionid", Value: key})
	}
	w := httptest.NewRecorder()
	s.handler(h).ServeHTTP(w, r)
	return w
}

// newKey returns the session key that a response sets.
func newKey(w *httptest.ResponseRecorder) string {
	for _, c := range w.Result().Cookies() {
		if c.Name == "sessionid" {
			return c.Value
		}
	}
	return ""
}

// browser is a client with cookies for a server of h.
func (s *site) browser(t *testing.T, h http.Handler) (*http.Client, string) {
	t.Helper()
	server := httptest.NewServer(s.handler(h))
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	client.Jar = jar
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client, server.URL
}

func holds(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is not in %q", word, text)
		}
	}
}

func request(method, path string) *http.Request { return httptest.NewRequest(method, path, nil) }

// withCart makes a session with a login and a cart.
func (s *site) withCart(t *testing.T, name string) string {
	t.Helper()
	session := s.load(t, s.login(t, name))
	mustSet(t, session, "cart", 2)
	save(t, session)
	return session.Key()
}

func mustSet(t testing.TB, session *django.Session, key string, v any) {
	t.Helper()
	if err := session.Set(key, v); err != nil {
		t.Fatal(err)
	}
}
