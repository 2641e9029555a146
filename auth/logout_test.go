package auth_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/djsession/djsession/django"
)

func TestLogout(t *testing.T) {
	s := newSite(t, nil)
	key := s.withCart(t, "ann")
	w := s.get(func(w http.ResponseWriter, r *http.Request) {
		if u, err := s.logins.User(r); err != nil || u.Username != "ann" {
			t.Errorf("User: %v, %v", u, err)
		}
		if err := s.logins.Logout(r); err != nil {
			t.Error(err)
		}
		if u, err := s.logins.User(r); err != nil || u.IsAuthenticated() {
			t.Errorf("User: %v, %v", u, err)
		}
	}, key)
	if s.exists(t, key) || newKey(w) != "" {
		t.Error("the session is still there")
	}
	holds(t, w.Header().Get("Set-Cookie"), "Max-Age=0")
}

// TestLogoutKeepsTheLanguage: only before Django 3.0.
func TestLogoutKeepsTheLanguage(t *testing.T) {
	for version, want := range map[string]bool{"2.2": true, "3.0": false, "3.2": false, "6.1": false} {
		s := newSite(t, func(set *django.Settings) { set.DjangoVersion = version })
		session := s.load(t, s.withCart(t, "ann"))
		mustSet(t, session, "_language", "de")
		save(t, session)
		if err := s.logins.LogoutSession(t.Context(), session); err != nil {
			t.Fatal(err)
		}
		if session.Has("_language") != want || session.Has("cart") || session.Key() != "" {
			t.Errorf("%s: the language is kept: %t", version, session.Has("_language"))
		}
	}
}

// TestLogoutAfterUser: the visitor asks to be logged out, so a session whose login could
// not be verified is deleted with its cookie, whatever was asked for before.
func TestLogoutAfterUser(t *testing.T) {
	for name, before := range map[string]func(*site, *http.Request) error{
		"nothing":    func(*site, *http.Request) error { return nil },
		"user":       func(s *site, r *http.Request) error { _, err := s.logins.User(r); return err },
		"permission": func(s *site, r *http.Request) error { _, err := s.logins.HasPerm(r, "a.b"); return err },
		"user and a change": func(s *site, r *http.Request) error {
			_, errUser := s.logins.User(r)
			session, err := s.sessions.Get(r)
			return errors.Join(errUser, err, session.Set("cart", 1))
		},
		"user and login": func(s *site, r *http.Request) error {
			_, err := s.logins.User(r)
			ann, errAnn := s.users.Table.ByUsername(r.Context(), "ann")
			return errors.Join(err, errAnn, s.logins.Login(r, ann))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, key := ownHashSite(t)
			w := s.get(func(w http.ResponseWriter, r *http.Request) {
				if err := errors.Join(before(s, r), s.logins.Logout(r)); err != nil {
					t.Error(err)
				}
				if u, err := s.logins.User(r); err != nil || u.IsAuthenticated() {
					t.Errorf("%v, %v", u, err)
				}
			}, key)
			if s.exists(t, key) || !cookieDeleted(w) {
				t.Errorf("the session is still stored: %t; the cookie is deleted: %t", s.exists(t, key), cookieDeleted(w))
			}
		})
	}
}
