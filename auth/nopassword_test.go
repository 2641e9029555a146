package auth_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
)

// forgetful are Users that leave something out.
type forgetful struct {
	auth.Users
	forget func(*auth.User)
}

func (f forgetful) ByID(ctx context.Context, id string) (auth.User, error) {
	u, err := f.Users.ByID(ctx, id)
	f.forget(&u)
	return u, err
}

func (f forgetful) ByUsername(ctx context.Context, name string) (auth.User, error) {
	u, err := f.Users.ByUsername(ctx, name)
	f.forget(&u)
	return u, err
}

// TestUsersWithoutID: a user without an ID is an error, and nobody is anonymous because of
// it.
func TestUsersWithoutID(t *testing.T) {
	s := newSite(t, nil)
	key := s.withCart(t, "ann")
	s.withUsers(t, forgetful{s.users, func(u *auth.User) { u.ID = "" }}, auth.WithFlush())
	w := s.get(func(w http.ResponseWriter, r *http.Request) {
		_, user := s.logins.User(r)
		_, perm := s.logins.HasPerm(r, "a.b")
		_, inspect := s.logins.Inspect(r.Context(), s.load(t, key))
		_, authenticate := s.logins.Authenticate(r.Context(), "ann", annPassword)
		for name, err := range map[string]error{"User": user, "HasPerm": perm, "Inspect": inspect, "Authenticate": authenticate} {
			if !errors.Is(err, auth.ErrNoID) || !errors.Is(err, django.ErrProgram) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}, key)
	if !s.exists(t, key) || len(w.Result().Cookies()) > 0 {
		t.Error("the session was changed")
	}
}

// TestUsersWithoutPassword: a user without a password is an error wherever they enter, and
// costs nobody a session.
func TestUsersWithoutPassword(t *testing.T) {
	for _, opts := range [][]auth.Option{nil, {auth.WithFlush()}} {
		s := newSite(t, nil)
		key := s.withCart(t, "ann")
		s.withUsers(t, forgetful{s.users, func(u *auth.User) { u.Password = "" }}, opts...)
		ann := s.user(t, "ann")
		ann.Password = ""
		w := s.get(func(w http.ResponseWriter, r *http.Request) {
			session, err := s.sessions.Get(r)
			if err != nil {
				t.Error(err)
			}
			_, user := s.logins.User(r)
			_, again := s.logins.User(r)
			_, perm := s.logins.HasPerm(r, "a.b")
			_, bySession := s.logins.SessionUser(r.Context(), session)
			_, inspect := s.logins.Inspect(r.Context(), session)
			_, authenticate := s.logins.Authenticate(r.Context(), "ann", annPassword)
			for name, err := range map[string]error{
				"User": user, "User again": again, "HasPerm": perm, "SessionUser": bySession, "Inspect": inspect, "Authenticate": authenticate,
				"Login": s.logins.Login(r, ann), "LoginSession": s.logins.LoginSession(r.Context(), s.sessions.NewSession(), ann),
				"UpdateSessionAuthHash": s.logins.UpdateSessionAuthHash(r, ann), "UpdateHash": s.logins.UpdateHash(session, ann),
			} {
				if !errors.Is(err, auth.ErrNoPassword) || !strings.Contains(err.Error(), "Password") {
					t.Errorf("%s: %v", name, err)
				}
			}
		}, key)
		if !s.exists(t, key) || len(w.Result().Cookies()) > 0 || !s.load(t, key).Has("cart") {
			t.Error("the session was changed")
		}
		w = s.send(s.logins.RequireLogin()(http.NotFoundHandler()), request("GET", "/"), key)
		if w.Code != http.StatusInternalServerError {
			t.Errorf("RequireLogin: %d", w.Code)
		}
	}
}

// TestStoredEmptyPassword: a password that is stored empty, as User.objects.create leaves
// it, is Django's business: its login counts, and no password matches.
func TestStoredEmptyPassword(t *testing.T) {
	s := newSite(t, nil)
	s.exec(t, "UPDATE auth_user SET password = '' WHERE id = 1")
	key := s.login(t, "ann")
	s.get(func(w http.ResponseWriter, r *http.Request) {
		if u, err := s.logins.User(r); err != nil || u.Username != "ann" {
			t.Errorf("%v, %v", u, err)
		}
	}, key)
	for _, password := range []string{"", annPassword} {
		if _, err := s.logins.Authenticate(t.Context(), "ann", password); !errors.Is(err, auth.ErrCredentials) {
			t.Errorf("%q: %v", password, err)
		}
	}
}
