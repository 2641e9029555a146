package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
)

// ownHashSite is a site whose user model has a session hash that Go does not know, and the
// key of ann's session there.
func ownHashSite(t *testing.T) (*site, string) {
	t.Helper()
	s := newSite(t, nil, auth.WithSessionAuthHash(ownHashes["OwnSalt"]))
	key := s.withCart(t, "ann")
	s.open(t)
	return s, key
}

// cookieDeleted reports whether a response deletes the session's cookie.
func cookieDeleted(w *httptest.ResponseRecorder) bool {
	for _, c := range w.Result().Cookies() {
		if c.Name == "sessionid" {
			return c.MaxAge < 0
		}
	}
	return false
}

// TestLoginOverAbandonedSession: the login of another user ends the session that could not
// be verified; one of the same user leaves it to Django. Neither shows what it held.
func TestLoginOverAbandonedSession(t *testing.T) {
	for name, stays := range map[string]bool{"ann": true, "ben": false} {
		for _, asks := range []bool{false, true} {
			s, key := ownHashSite(t)
			w := s.get(func(w http.ResponseWriter, r *http.Request) {
				if asks {
					if _, err := s.logins.User(r); err != nil {
						t.Error(err)
					}
				}
				if err := s.logins.Login(r, s.user(t, name)); err != nil {
					t.Error(err)
				}
			}, key)
			if s.exists(t, key) != stays {
				t.Errorf("%s, user asked for first %t: the old session is stored: %t", name, asks, !stays)
			}
			if got := newKey(w); got == "" || got == key || s.load(t, got).Has("cart") {
				t.Errorf("%s, user asked for first %t: the new session has the old key or cart", name, asks)
			}

			// The same without a request.
			s, key = ownHashSite(t)
			session := s.load(t, key)
			if asks {
				if _, err := s.logins.SessionUser(t.Context(), session); err != nil {
					t.Error(err)
				}
			}
			if err := s.logins.LoginSession(t.Context(), session, s.user(t, name)); err != nil {
				t.Error(err)
			}
			save(t, session)
			if s.exists(t, key) != stays || session.Has("cart") {
				t.Errorf("%s, SessionUser asked first %t: the old session is stored: %t", name, asks, !stays)
			}
		}
	}
}

// TestLoginAfterHeaders: a login that the browser cannot be told of is an error and changes
// nothing; one that needs no new cookie is none.
func TestLoginAfterHeaders(t *testing.T) {
	s := newSite(t, nil)
	for key, want := range map[string]error{"": django.ErrHeadersSent, s.login(t, "ben"): django.ErrHeadersSent, s.login(t, "ann"): nil} {
		s.exec(t, "UPDATE auth_user SET last_login = NULL")
		s.get(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			before, errBefore := s.logins.User(r)
			err := s.logins.Login(r, s.user(t, "ann"))
			u, errUser := s.logins.User(r)
			if want != nil && before.IsAuthenticated() {
				if err := s.logins.UpdateSessionAuthHash(r, before); !errors.Is(err, want) {
					t.Errorf("UpdateSessionAuthHash: %v", err)
				}
			}
			if !errors.Is(err, want) || errBefore != nil || errUser != nil || want != nil && u != before {
				t.Errorf("%v; %s, then %s, %v, %v", err, before.Username, u.Username, errBefore, errUser)
			}
		}, key)
		if recorded := !s.user(t, "ann").LastLogin.IsZero(); recorded != (want == nil) || key != "" && !s.exists(t, key) {
			t.Errorf("last_login was set: %t", recorded)
		}
	}
}

// TestRequestSessionIsRefused: LoginSession and LogoutSession would leave the request's user
// as it was. Other sessions may log in and out within a request.
func TestRequestSessionIsRefused(t *testing.T) {
	s := newSite(t, nil)
	key := s.login(t, "ann")
	s.get(func(w http.ResponseWriter, r *http.Request) {
		own, err := s.sessions.Get(r)
		if err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{
			"LoginSession":  s.logins.LoginSession(r.Context(), own, s.user(t, "ben")),
			"LogoutSession": s.logins.LogoutSession(r.Context(), own),
		} {
			if !errors.Is(err, auth.ErrRequestSession) || !errors.Is(err, django.ErrProgram) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if u, err := s.logins.User(r); err != nil || u.Username != "ann" {
			t.Errorf("%v, %v", u, err)
		}
		other := s.sessions.NewSession()
		if err := errors.Join(s.logins.LoginSession(r.Context(), other, s.user(t, "ben")), s.logins.LogoutSession(r.Context(), other)); err != nil {
			t.Error(err)
		}
	}, key)
	if !s.exists(t, key) {
		t.Error("the session was deleted")
	}
}
