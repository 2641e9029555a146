package recipes

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/internal/testenv"
)

const (
	often    = 5 * time.Millisecond // between two checks of a login
	password = "correct horse"
)

// loginSite is a site with a user who is logged in.
type loginSite struct {
	*testSite
	ctx   context.Context // ends a test that hangs
	user  auth.User
	key   string // of the user's session
	users *countedUsers
}

// countedUsers counts how often a user was looked up.
type countedUsers struct {
	*usertable.Table
	asked atomic.Int32
}

func (u *countedUsers) ByID(ctx context.Context, id string) (auth.User, error) {
	u.asked.Add(1)
	return u.Table.ByID(ctx, id)
}

func newLoginSite(t *testing.T) *loginSite {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	s := &loginSite{testSite: newTestSite(t), ctx: ctx}
	s.users = &countedUsers{Table: s.Users}
	logins, err := auth.New(s.Sessions, s.users)
	if err != nil {
		t.Fatal(err)
	}
	s.Logins = logins
	s.user = s.newUser("mia")
	s.key = s.login(s.user)
	return s
}

func (s *loginSite) newUser(name string) auth.User {
	s.t.Helper()
	s.db.MustExec(`INSERT INTO auth_user (password, is_superuser, username, last_name, email, is_staff, is_active, date_joined, first_name)
		VALUES (?, 0, ?, '', '', 0, 1, '2026-01-02 03:04:05', '')`, testenv.MD5Hash(password), name)
	user, err := s.Users.ByUsername(s.t.Context(), name)
	s.must(err)
	return user
}

// login returns the key of a new session of user.
func (s *loginSite) login(user auth.User) string {
	s.t.Helper()
	session := s.Sessions.NewSession()
	s.must(s.Logins.LoginSession(s.t.Context(), session, user))
	s.must(session.Save(s.t.Context()))
	return session.Key()
}

func (s *loginSite) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// waitForChecks returns after the login was checked twice more: one of these began and ended
// meanwhile.
func (s *loginSite) waitForChecks() {
	for until := s.users.asked.Load() + 3; s.users.asked.Load() < until; {
		if s.ctx.Err() != nil {
			s.t.Fatal("the login is not checked any more")
		}
		time.Sleep(time.Millisecond)
	}
}

// endings are the ways in which a login ends.
var endings = map[string]func(*loginSite){
	"logout": func(s *loginSite) {
		session, err := s.Sessions.Load(s.t.Context(), s.key)
		s.must(err)
		s.must(s.Logins.LogoutSession(s.t.Context(), session))
	},
	"password changed": func(s *loginSite) {
		_, err := s.Logins.SetPassword(s.t.Context(), s.user, "another horse")
		s.must(err)
	},
	"not active any more": func(s *loginSite) { s.db.MustExec("UPDATE auth_user SET is_active = 0") },
	"session expired":     func(s *loginSite) { s.db.MustExec("UPDATE django_session SET expire_date = '2020-01-02 03:04:05'") },
}

// failures are the ways in which it becomes unknown who is logged in.
var failures = map[string]func(*loginSite){
	"database down": func(s *loginSite) { s.db.Close() },
	"no users":      func(s *loginSite) { s.db.MustExec("DROP TABLE auth_user") },
}

// as makes the visitor send this session's cookie, and a CSRF token.
func (v *visitor) as(key string) *visitor {
	v.client.Jar.SetCookies(v.base, []*http.Cookie{{Name: "sessionid", Value: key}, {Name: "csrftoken", Value: csrfToken}})
	return v
}

const csrfToken = "abcdefghijklmnopqrstuvwxyz012345"

// request returns a request with a body and headers, which are names and values in turn.
func (v *visitor) request(method, path, body string, headers ...string) *http.Request {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.base.String()+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("X-CSRFToken", csrfToken)
	for i := 0; i < len(headers); i += 2 {
		r.Header[headers[i]] = append(r.Header[headers[i]], headers[i+1])
	}
	return r
}

// send sends a request.
func (v *visitor) send(method, path, body string, headers ...string) answer {
	v.t.Helper()
	a, err := v.do(v.request(method, path, body, headers...))
	if err != nil {
		v.t.Fatal(err)
	}
	return a
}

// recipe is a handler whose users must be logged in.
type recipe struct {
	serve   func(*loginSite) http.Handler
	method  string
	headers []string
}

// TestWhoGetsIn: who is not logged in or was, gets 401, and everybody gets 503 if the
// database cannot tell.
func TestWhoGetsIn(t *testing.T) {
	echo := func(_ context.Context, _ auth.User, message []byte) []byte { return message }
	socket := []string{"Connection", "Upgrade", "Upgrade", "websocket", "Sec-Websocket-Version", "13", "Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}
	for name, r := range map[string]recipe{
		"events":     {func(s *loginSite) http.Handler { return Events(s.Site, often, nil) }, http.MethodGet, nil},
		"gorilla":    {func(s *loginSite) http.Handler { return GorillaSocket(s.Site, often, echo) }, http.MethodGet, socket},
		"coder":      {func(s *loginSite) http.Handler { return CoderSocket(s.Site, often, echo) }, http.MethodGet, socket},
		"report":     {func(s *loginSite) http.Handler { return StartReport(s.Site, nil) }, http.MethodPost, nil},
		"log out":    {func(s *loginSite) http.Handler { return LogOutOthers(s.Site) }, http.MethodPost, nil},
		"forwarding": {func(s *loginSite) http.Handler { return ForwardAuth(s.Site, http.StatusUnauthorized) }, http.MethodGet, nil},
	} {
		check := func(s *loginSite, key string, want int) {
			t.Helper()
			v := newVisitor(t, s.serve(s.Middleware(r.serve(s)))).as(key)
			if a := v.send(r.method, "/", "", r.headers...); a.StatusCode != want || a.Header.Get(userIDHeader) != "" {
				t.Errorf("%s, want %d; user %q", a.Status, want, a.Header.Get(userIDHeader))
			}
		}
		t.Run(name+"/anonymous", func(t *testing.T) { check(newLoginSite(t), "", http.StatusUnauthorized) })
		for ending, end := range endings {
			t.Run(name+"/"+ending, func(t *testing.T) {
				s := newLoginSite(t)
				end(s)
				check(s, s.key, http.StatusUnauthorized)
			})
		}
		for failure, fail := range failures {
			t.Run(name+"/"+failure, func(t *testing.T) {
				s := newLoginSite(t)
				fail(s)
				check(s, s.key, http.StatusServiceUnavailable)
			})
		}
	}
}
