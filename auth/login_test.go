package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
)

// TestLogin: what becomes of the session that was there.
func TestLogin(t *testing.T) {
	for name, c := range map[string]struct {
		before                       func(t *testing.T, s *site) string // the session's key
		sameKey, keepsCart, oldStays bool
		assumed                      bool // the old one goes only under WithFlush
	}{
		"no session": {before: func(t *testing.T, s *site) string { return "" }},
		"anonymous": {before: func(t *testing.T, s *site) string {
			session := s.sessions.NewSession()
			mustSet(t, session, "cart", 2)
			save(t, session)
			return session.Key()
		}, keepsCart: true},
		"the same user": {before: func(t *testing.T, s *site) string { return s.withCart(t, "ann") },
			sameKey: true, keepsCart: true, oldStays: true},
		"another user": {before: func(t *testing.T, s *site) string { return s.withCart(t, "ben") }},
		"the same user with another password": {before: func(t *testing.T, s *site) string {
			key := s.withCart(t, "ann")
			s.exec(t, "UPDATE auth_user SET password = 'x' WHERE id = 1")
			return key
		}, assumed: true},
		"the same user without a hash": {before: func(t *testing.T, s *site) string {
			session := s.load(t, s.withCart(t, "ann"))
			session.Delete("_auth_user_hash")
			save(t, session)
			return session.Key()
		}, assumed: true},
		"the same user with a hash of null": {before: func(t *testing.T, s *site) string {
			session := s.load(t, s.withCart(t, "ann"))
			mustSet(t, session, "_auth_user_hash", nil)
			save(t, session)
			return session.Key()
		}, assumed: true},
		"the same user under an older secret": {before: func(t *testing.T, s *site) string {
			secret := s.settings.SecretKey
			s.settings.SecretKeyFallbacks, s.settings.SecretKey = []string{secret}, "the next secret"
			s.open(t)
			session := s.load(t, s.withCart(t, "ann"))
			s.settings.SecretKeyFallbacks, s.settings.SecretKey = []string{"the next secret"}, secret
			return session.Key()
		}},
		"a malformed id": {before: func(t *testing.T, s *site) string {
			session := s.load(t, s.withCart(t, "ann"))
			mustSet(t, session, "_auth_user_id", "one")
			save(t, session)
			return session.Key()
		}, assumed: true},
	} {
		for i := range 4 {
			asks, flush := i%2 == 0, i < 2
			t.Run(fmt.Sprintf("%s, asked: %t, flush: %t", name, asks, flush), func(t *testing.T) {
				t.Parallel()
				s := newSite(t, nil)
				old := c.before(t, s)
				s.open(t)
				if flush {
					s.open(t, auth.WithFlush())
				}
				keepsCart := c.keepsCart
				if asks && name == "the same user under an older secret" {
					keepsCart = true // User has replaced the hash
				}
				start := time.Now().Add(-time.Second)
				w := s.get(func(w http.ResponseWriter, r *http.Request) {
					if asks {
						if _, err := s.logins.User(r); err != nil {
							t.Error(err)
						}
					}
					if err := s.logins.Login(r, s.user(t, "ann")); err != nil {
						t.Error(err)
					}
					if u, err := s.logins.User(r); err != nil || u.Username != "ann" || u.Backend != modelBackend || u.LastLogin.Before(start) {
						t.Errorf("after Login: %v, %v", u, err)
					}
				}, old)
				key := newKey(w)
				if key == "" || (key == old) != c.sameKey {
					t.Fatalf("the key stays: %t", key == old)
				}
				stays := c.oldStays || c.assumed && !flush
				if old != "" && s.exists(t, old) != stays {
					t.Errorf("the old session is there: %t", !stays)
				}
				session := s.load(t, key)
				if session.Has("cart") != keepsCart {
					t.Errorf("the cart is there: %t", !keepsCart)
				}
				if logged := strings.Contains(s.log.String(), "login was not accepted"); logged != c.assumed {
					t.Errorf("logged: %t", logged)
				}
				var own []string
				for k := range session.Keys() {
					if k != "cart" {
						own = append(own, k)
					}
				}
				slices.Sort(own)
				if !slices.Equal(own, []string{"_auth_user_backend", "_auth_user_hash", "_auth_user_id"}) {
					t.Errorf("keys: %v", own)
				}
				v, err := s.logins.Inspect(t.Context(), session)
				if err != nil || v.User.Username != "ann" || v.User.LastLogin.Before(start) {
					t.Errorf("Inspect: %+v, %v", v, err)
				}
			})
		}
	}
}

// TestLoginOfWhatNoSessionHolds: the error comes before anything is changed.
func TestLoginOfWhatNoSessionHolds(t *testing.T) {
	s := newSite(t, nil)
	key := s.login(t, "ben")
	session := s.load(t, key)
	u := s.user(t, "ann")
	u.Backend = "shop.\xff"
	if err := s.logins.LoginSession(t.Context(), session, u); err == nil {
		t.Error("there is no error")
	}
	v, err := s.logins.Inspect(t.Context(), session)
	if err != nil || v.User.Username != "ben" || !s.exists(t, key) || session.Modified() {
		t.Errorf("afterwards: %+v, %v, changed: %t", v, err, session.Modified())
	}
}

// TestLoginFails: after an error the session is what it was.
func TestLoginFails(t *testing.T) {
	broken := errors.New("no disk")
	ann := func(t *testing.T, s *site) auth.User { return s.user(t, "ann") }
	for name, c := range map[string]struct {
		user func(t *testing.T, s *site) auth.User
		set  func(*site)
		was  string
		want error
	}{
		"last_login":           {ann, func(s *site) { s.users.failRecord = broken }, "", broken},
		"last_login, over ben": {ann, func(s *site) { s.users.failRecord = broken }, "ben", broken},
		"anonymous":            {func(*testing.T, *site) auth.User { return auth.User{} }, func(*site) {}, "", auth.ErrAnonymous},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil)
			u := c.user(t, s)
			session := s.sessions.NewSession()
			if c.was != "" {
				session = s.load(t, s.login(t, c.was))
			}
			mustSet(t, session, "cart", 2)
			save(t, session)
			c.set(s)
			w := s.get(func(w http.ResponseWriter, r *http.Request) {
				if _, err := s.logins.User(r); err != nil {
					t.Error(err)
				}
				if err := s.logins.Login(r, u); !errors.Is(err, c.want) {
					t.Errorf("Login: %v", err)
				}
				if u, err := s.logins.User(r); err != nil || u.Username != c.was {
					t.Errorf("User: %v, %v", u, err)
				}
			}, session.Key())
			v, err := s.logins.Inspect(t.Context(), s.load(t, session.Key()))
			if newKey(w) != "" || err != nil || v.User.Username != c.was {
				t.Errorf("afterwards: %+v, %v", v, err)
			}
		})
	}
}

// TestSamePasswordField: two users whose password fields are equal are still two.
func TestSamePasswordField(t *testing.T) {
	s := newSite(t, nil)
	s.exec(t, "UPDATE auth_user SET password = '!'")
	ben := s.withCart(t, "ben")
	w := s.get(func(w http.ResponseWriter, r *http.Request) {
		if err := s.logins.Login(r, s.user(t, "ann")); err != nil {
			t.Error(err)
		}
	}, ben)
	if key := newKey(w); key == ben || s.exists(t, ben) || s.load(t, key).Has("cart") {
		t.Error("ann has ben's session")
	}
}

func TestBackendOfLogin(t *testing.T) {
	s := newSite(t, func(set *django.Settings) { set.AuthenticationBackends = []string{modelBackend, "shop.backends.Token"} })
	u := s.user(t, "ann")
	session := s.sessions.NewSession()
	if err := s.logins.LoginSession(t.Context(), session, u); !errors.Is(err, auth.ErrBackend) || !session.IsEmpty() {
		t.Errorf("two backends: %v", err)
	}
	u.Backend = "shop.backends.Token"
	if err := s.logins.LoginSession(t.Context(), session, u); err != nil {
		t.Fatal(err)
	}
	if v, err := s.logins.Inspect(t.Context(), session); err != nil || v.User.Backend != u.Backend {
		t.Errorf("Inspect: %+v, %v", v, err)
	}
}
