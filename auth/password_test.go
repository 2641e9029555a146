package auth_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/djsession/djsession/auth"
)

// TestPasswordChange: this session stays, under a new key; the other ends.
func TestPasswordChange(t *testing.T) {
	s := newSite(t, nil)
	here, there := s.login(t, "ann"), s.login(t, "ann")
	w := s.get(func(w http.ResponseWriter, r *http.Request) {
		u, err := s.logins.User(r)
		if err != nil {
			t.Error(err)
		}
		u.Backend = "" // as in a user that the service loaded itself
		if u, err = s.logins.SetPassword(r.Context(), u, "battery staple"); err != nil {
			t.Error(err)
		}
		if err := s.logins.UpdateSessionAuthHash(r, u); err != nil {
			t.Error(err)
		}
		if now, err := s.logins.User(r); err != nil || now.Password != u.Password || now.Backend != modelBackend {
			t.Errorf("afterwards: %v, %v", now, err)
		}
	}, here)
	key := newKey(w)
	if key == "" || key == here || s.exists(t, here) {
		t.Fatal("the session kept its key")
	}
	for key, want := range map[string]string{key: "ann", there: ""} {
		s.get(func(w http.ResponseWriter, r *http.Request) {
			if u, err := s.logins.User(r); err != nil || u.Username != want {
				t.Errorf("want %q: %v, %v", want, u, err)
			}
		}, key)
	}
	if !s.exists(t, there) {
		t.Error("the other session was deleted, which is for Django to do")
	}
	if _, err := s.logins.Authenticate(t.Context(), "ann", "battery staple"); err != nil {
		t.Error(err)
	}
	if _, err := s.logins.Authenticate(t.Context(), "ann", annPassword); !errors.Is(err, auth.ErrCredentials) {
		t.Error(err)
	}
}

// TestUpdateHash: the same for a session without a request.
func TestUpdateHash(t *testing.T) {
	s := newSite(t, nil)
	key := s.login(t, "ann")
	session := s.load(t, key)
	u, err := s.logins.SessionUser(t.Context(), session)
	if err == nil {
		u, err = s.logins.SetPassword(t.Context(), u, "battery staple")
	}
	if err == nil {
		err = s.logins.UpdateHash(session, u)
	}
	if err != nil {
		t.Fatal(err)
	}
	save(t, session)
	if session.Key() == key || s.exists(t, key) {
		t.Error("the session kept its key")
	}
	s.namesUser(t, session.Key(), "ann")
	// Of another user it gets the key alone.
	if err := s.logins.UpdateHash(session, s.user(t, "ben")); err != nil {
		t.Error(err)
	}
	save(t, session)
	s.namesUser(t, session.Key(), "ann")
	if err := s.logins.UpdateHash(s.sessions.NewSession(), u); !errors.Is(err, auth.ErrNotLoggedIn) {
		t.Errorf("without a login: %v", err)
	}
}

// TestPasswordOfAnother: changing somebody else's password leaves the login of
// this session alone.
func TestPasswordOfAnother(t *testing.T) {
	s := newSite(t, nil)
	w := s.get(func(w http.ResponseWriter, r *http.Request) {
		ben, err := s.logins.SetPassword(r.Context(), s.user(t, "ben"), "battery staple")
		if err != nil {
			t.Error(err)
		}
		if err := s.logins.UpdateSessionAuthHash(r, ben); err != nil {
			t.Error(err)
		}
	}, s.login(t, "ann"))
	s.namesUser(t, newKey(w), "ann")
}

func TestSetPassword(t *testing.T) {
	s := newSite(t, nil)
	if _, err := s.logins.SetPassword(t.Context(), auth.User{ID: "99"}, "x"); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("unknown user: %v", err)
	}
	if _, err := s.logins.SetPassword(t.Context(), auth.User{}, "x"); !errors.Is(err, auth.ErrNoUser) {
		t.Errorf("anonymous: %v", err)
	}
	u, err := s.logins.SetUnusablePassword(t.Context(), s.user(t, "ann"))
	if err != nil || u.Password != s.user(t, "ann").Password || u.Password[0] != '!' {
		t.Errorf("unusable: %v", err)
	}
	if _, err := s.logins.Authenticate(t.Context(), "ann", annPassword); !errors.Is(err, auth.ErrCredentials) {
		t.Error(err)
	}
	logins, err := auth.New(s.sessions, onlyUsers{s.users})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := logins.SetPassword(t.Context(), u, "x"); !errors.Is(err, auth.ErrReadOnly) {
		t.Errorf("read only: %v", err)
	}
}

// TestPasswordChangeUnasked: who was not asked for before the change is logged out
// by it, and told so.
func TestPasswordChangeUnasked(t *testing.T) {
	s := newSite(t, nil)
	w := s.get(func(w http.ResponseWriter, r *http.Request) {
		u, err := s.logins.SetPassword(r.Context(), s.user(t, "ann"), "battery staple")
		if err != nil {
			t.Error(err)
		}
		if err := s.logins.UpdateSessionAuthHash(r, u); !errors.Is(err, auth.ErrNotLoggedIn) {
			t.Errorf("UpdateSessionAuthHash: %v", err)
		}
	}, s.login(t, "ann"))
	if newKey(w) != "" {
		t.Error("an empty session was made")
	}
}
