package auth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

func TestNew(t *testing.T) {
	s := newSite(t, nil)
	for want, c := range map[string]struct {
		change func(*django.Settings)
		opt    auth.Option
	}{
		"AUTHENTICATION_BACKENDS": {func(set *django.Settings) { set.AuthenticationBackends = nil }, nil},
		"PASSWORD_HASHERS":        {func(set *django.Settings) { set.PasswordHashers = []string{"shop.Hasher"} }, nil},
		"WithLogger":              {nil, auth.WithLogger(nil)},
		"WithBackend":             {nil, auth.WithBackend("shop.Backend", auth.Backend{})},
	} {
		set := s.settings
		if c.change != nil {
			c.change(&set)
		}
		sessions, err := django.New(set, dbstore.New(s.db))
		if err != nil {
			t.Fatal(err)
		}
		var opts []auth.Option
		if c.opt != nil {
			opts = append(opts, c.opt)
		}
		if _, err := auth.New(sessions, s.users, opts...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := auth.New(nil, s.users); err == nil {
		t.Error("no sessions")
	}
	if _, err := auth.New(s.sessions, nil); err == nil {
		t.Error("no users")
	}
}

func TestNoMiddleware(t *testing.T) {
	s := newSite(t, nil)
	r := request("GET", "/")
	_, user := s.logins.User(r)
	_, perm := s.logins.HasPerm(r, "a.b")
	_, ctx := s.logins.FromContext(r.Context())
	for name, err := range map[string]error{
		"FromContext": ctx, "User": user, "HasPerm": perm, "Logout": s.logins.Logout(r), "Login": s.logins.Login(r, s.user(t, "ann")),
		"UpdateSessionAuthHash": s.logins.UpdateSessionAuthHash(r, s.user(t, "ann")),
	} {
		if !errors.Is(err, auth.ErrNoMiddleware) || !errors.Is(err, django.ErrNoMiddleware) || !strings.Contains(err.Error(), "Logins.Middleware") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
