package recipes

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// loggedIn reports whether the session under key has a user.
func loggedIn(t *testing.T, site *Site, key string) bool {
	t.Helper()
	user, err := site.UserOf(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return user.IsAuthenticated()
}

// LogOutOthers works in an engine that lists its sessions and in one that does not.
func TestLogOutOthers(t *testing.T) {
	for name, inMemory := range map[string]bool{"database": false, "memory": true} {
		t.Run(name, func(t *testing.T) {
			s := newLoginSite(t)
			if inMemory {
				s.moveToMemory()
			}
			others := []string{s.login(s.user), s.login(s.user)}
			stranger := s.login(s.newUser("ida"))
			v := newVisitor(t, s.serve(s.Middleware(LogOutOthers(s.Site)))).as(s.key)
			confirm := func(password string) answer {
				return v.send(http.MethodPost, "/", url.Values{"password": {password}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
			}
			if a := confirm("wrong"); a.StatusCode != http.StatusForbidden || a.text != "The password is wrong.\n" || !loggedIn(t, s.Site, others[0]) {
				t.Errorf("a wrong password: %s %q", a.Status, a.text)
			}
			if a := confirm(password); a.StatusCode != http.StatusNoContent || v.key() == s.key {
				t.Errorf("%s, the session's key has changed: %t", a.Status, v.key() != s.key)
			}
			for _, key := range append(others, s.key) {
				if loggedIn(t, s.Site, key) {
					t.Error("another session is still logged in")
				}
			}
			if !loggedIn(t, s.Site, v.key()) || !loggedIn(t, s.Site, stranger) {
				t.Error("the user's own session or somebody else's has ended")
			}
			if _, err := s.Logins.Authenticate(t.Context(), "mia", password); err != nil {
				t.Errorf("the password has changed: %v", err)
			}
		})
	}
}

func TestEndSessions(t *testing.T) {
	s := newLoginSite(t)
	keys := []string{s.key, s.login(s.user), s.login(s.user)}
	ida := s.newUser("ida")
	kept := s.login(ida)
	anonymous := s.Sessions.NewSession()
	s.must(anonymous.Set("cart", "tea"))
	s.must(anonymous.Save(t.Context()))
	s.db.MustExec("INSERT INTO django_session VALUES ('unreadable', 'x', '2099-01-02 03:04:05')")
	if n, err := EndSessions(t.Context(), s.Site, s.user.ID); n != 3 || err != nil {
		t.Errorf("%d sessions ended, %v", n, err)
	}
	for _, key := range keys {
		if _, err := s.Sessions.Load(t.Context(), key); !errors.Is(err, django.ErrNotFound) {
			t.Errorf("a session of the user: %v", err)
		}
	}
	if n := s.sessions(); n != 3 || !loggedIn(t, s.Site, kept) {
		t.Errorf("%d sessions are left, want ida's, the anonymous and the unreadable one", n)
	}
	s.db.Close()
	if _, err := EndSessions(t.Context(), s.Site, s.user.ID); err == nil {
		t.Error("a database that is down is no error")
	}
	s.moveToMemory()
	if _, err := EndSessions(t.Context(), s.Site, s.user.ID); !errors.Is(err, ErrNoList) {
		t.Errorf("%v, want ErrNoList", err)
	}
}

// moveToMemory has the site's sessions in memory, and logs the user in unless the database
// is closed.
func (s *loginSite) moveToMemory() {
	s.t.Helper()
	sessions, err := django.New(s.Sessions.Settings(), memstore.New())
	s.must(err)
	logins, err := auth.New(sessions, s.users)
	s.must(err)
	s.Sessions, s.Logins = sessions, logins
	if s.db.Ping() == nil {
		s.key = s.login(s.user)
	}
}
