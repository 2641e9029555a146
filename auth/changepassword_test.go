package auth_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/django"
)

// TestChangePassword: the session goes on under a new key, the user's other session ends, and
// the new password is stored.
func TestChangePassword(t *testing.T) {
	s := newSite(t, nil)
	here, there := s.login(t, "ann"), s.login(t, "ann")
	w := s.get(func(w http.ResponseWriter, r *http.Request) {
		u := s.user(t, "ann") // without a Backend, and User was not called before
		changed, err := s.logins.ChangePassword(r, u, "battery staple")
		if err != nil || changed.Password == u.Password {
			t.Errorf("the password field is the old one: %t, %v", changed.Password == u.Password, err)
		}
		if now, err := s.logins.User(r); err != nil || now.Password != changed.Password || now.Backend != modelBackend {
			t.Errorf("afterwards: %v, %v", now, err)
		}
	}, here)
	key := newKey(w)
	if key == "" || key == here || s.exists(t, here) {
		t.Fatal("the session kept its key")
	}
	for key, want := range map[string]string{key: "ann", there: ""} {
		s.namesUser(t, key, want)
	}
	if _, err := s.logins.Authenticate(t.Context(), "ann", "battery staple"); err != nil {
		t.Error(err)
	}
}

// TestChangePasswordOfAnother: the other user's sessions end, and this session goes on.
func TestChangePasswordOfAnother(t *testing.T) {
	s := newSite(t, nil)
	here, there := s.login(t, "ann"), s.login(t, "ben")
	w := s.get(func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.logins.ChangePassword(r, s.user(t, "ben"), "battery staple"); err != nil {
			t.Error(err)
		}
	}, here)
	key := newKey(w)
	if key == "" || key == here {
		t.Fatal("the session kept its key")
	}
	for key, want := range map[string]string{key: "ann", there: ""} {
		s.namesUser(t, key, want)
	}
}

// TestChangePasswordFails: after an error the password and the session are what they were.
func TestChangePasswordFails(t *testing.T) {
	broken := errors.New("no disk")
	for name, c := range map[string]struct {
		opt       auth.Option
		prepare   func(*testing.T, *site)
		sent      bool // the headers
		user      string
		anonymous bool
		password  string
		want      error
	}{
		"not logged in": {anonymous: true, want: auth.ErrNotLoggedIn},
		"anonymous":     {user: "-", want: auth.ErrNoUser},
		"NUL":           {password: "a\x00b", want: hashers.ErrPassword},
		"read only":     {prepare: func(t *testing.T, s *site) { s.withUsers(t, onlyUsers{s.users}) }, want: auth.ErrReadOnly},
		"database":      {prepare: func(_ *testing.T, s *site) { s.users.failSet = broken }, want: broken},
		"database, another user": {user: "ben", want: broken,
			prepare: func(_ *testing.T, s *site) { s.users.failSet = broken }},
		"headers sent": {sent: true, want: django.ErrHeadersSent},
		"own hash": {want: broken, opt: auth.WithSessionAuthHash(func(u auth.User, m auth.HMAC) (string, error) {
			if u.Password != annHash {
				return "", broken
			}
			return m.Salted("x", u.Password), nil
		})},
		"own hash is no text": {want: django.ErrProgram, opt: auth.WithSessionAuthHash(func(u auth.User, m auth.HMAC) (string, error) {
			if u.Password != annHash {
				return "\xff", nil
			}
			return m.Salted("x", u.Password), nil
		})},
	} {
		t.Run(name, func(t *testing.T) {
			var opts []auth.Option
			if c.opt != nil {
				opts = append(opts, c.opt)
			}
			s := newSite(t, nil, opts...)
			key := s.login(t, "ann")
			before := s.user(t, "ann").Password
			if c.prepare != nil {
				c.prepare(t, s)
			}
			cookie := key
			if c.anonymous {
				cookie = ""
			}
			w := s.get(func(w http.ResponseWriter, r *http.Request) {
				u := auth.User{}
				if c.user != "-" {
					u = s.user(t, "ann")
				}
				if c.user == "ben" {
					u = s.user(t, "ben")
				}
				if c.sent {
					w.WriteHeader(http.StatusOK)
					if err := http.NewResponseController(w).Flush(); err != nil {
						t.Error(err)
					}
				}
				if c.password == "" {
					c.password = "battery staple"
				}
				if changed, err := s.logins.ChangePassword(r, u, c.password); !errors.Is(err, c.want) || changed != u {
					t.Errorf("%v, the user was changed: %t", err, changed != u)
				}
			}, cookie)
			s.open(t, opts...)
			if newKey(w) != "" || s.user(t, "ann").Password != before {
				t.Error("the session's key or the password was changed")
			}
			s.namesUser(t, key, "ann")
		})
	}
}

// answering are Users that call answer when a password or a login was stored.
type answering struct {
	*watched
	answer func()
}

func (a answering) SetPassword(ctx context.Context, id, old, encoded string) (bool, error) {
	defer a.answer()
	return a.watched.SetPassword(ctx, id, old, encoded)
}

func (a answering) SetLastLogin(ctx context.Context, id string, at time.Time) error {
	defer a.answer()
	return a.watched.SetLastLogin(ctx, id, at)
}

// TestHeadersSentMeanwhile: if another goroutine begins the response while the users store,
// the caller learns that the browser does not get the session's new key.
func TestHeadersSentMeanwhile(t *testing.T) {
	for name, call := range map[string]func(*site, *http.Request) error{
		"ChangePassword": func(s *site, r *http.Request) error {
			_, err := s.logins.ChangePassword(r, s.user(t, "ann"), "battery staple")
			return err
		},
		"of another user": func(s *site, r *http.Request) error {
			_, err := s.logins.ChangePassword(r, s.user(t, "ben"), "battery staple")
			return err
		},
		"Login": func(s *site, r *http.Request) error {
			ben := s.user(t, "ben")
			ben.Backend = modelBackend
			return s.logins.Login(r, ben)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			key := s.login(t, "ann")
			var w http.ResponseWriter
			s.withUsers(t, answering{s.users, func() { w.WriteHeader(http.StatusOK) }})
			s.get(func(sent http.ResponseWriter, r *http.Request) {
				w = sent
				before, err := s.logins.User(r)
				if err != nil {
					t.Error(err)
				}
				if err := call(s, r); !errors.Is(err, django.ErrHeadersSent) {
					t.Errorf("%v", err)
				}
				if u, err := s.logins.User(r); err != nil || u != before {
					t.Errorf("afterwards: %v, %v", u, err)
				}
			}, key)
			if !s.exists(t, key) || s.log.String() != "" {
				t.Errorf("the session is not as it was; %s", s.log)
			}
		})
	}
}
