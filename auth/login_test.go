package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
)

func request(method, path string) *http.Request { return httptest.NewRequest(method, path, nil) }

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

// withCart makes a session with a login and a cart.
func (s *site) withCart(t *testing.T, name string) string {
	t.Helper()
	session := s.load(t, s.login(t, name))
	mustSet(t, session, "cart", 2)
	save(t, session)
	return session.Key()
}

// TestLoginRotatesTheToken: a form of before the login is refused after it.
func TestLoginRotatesTheToken(t *testing.T) {
	for _, inSession := range []bool{false, true} {
		s := newSite(t, func(set *django.Settings) { set.CSRFUseSessions = inSession })
		var tokens []string
		client, url := s.browser(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token, err := s.csrf.Token(r)
			if err == nil && r.Method == "POST" && r.FormValue("login") != "" {
				err = s.logins.Login(r, s.user(t, "ann"))
			}
			if err != nil {
				t.Error(err)
			}
			tokens = append(tokens, token)
		}))
		post := func(token string, more ...string) int {
			form := map[string][]string{"csrfmiddlewaretoken": {token}}
			if len(more) > 0 {
				form["login"] = more
			}
			resp, err := client.PostForm(url, form)
			if err != nil {
				t.Fatal(err)
			}
			return resp.StatusCode
		}
		if _, err := client.Get(url); err != nil {
			t.Fatal(err)
		}
		first := tokens[0]
		if status := post(first, "yes"); status != 200 {
			t.Fatalf("login: %d", status)
		}
		if status := post(first); status != http.StatusForbidden {
			t.Errorf("in the session %t: a token of before the login gives %d", inSession, status)
		}
		if _, err := client.Get(url); err != nil {
			t.Fatal(err)
		}
		if status := post(tokens[len(tokens)-1]); status != 200 {
			t.Errorf("in the session %t: a token of after the login gives %d", inSession, status)
		}
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

// TestPasswordChange: this session stays, under a new key; the other ends.
func TestPasswordChange(t *testing.T) {
	s := newSite(t, nil)
	here, there := s.login(t, "ann"), s.login(t, "ann")
	w := s.get(func(w http.ResponseWriter, r *http.Request) {
		u, err := s.logins.User(r)
		if err != nil {
			t.Error(err)
		}
		u.Backend = "" // as a user has it whom a service loaded himself
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
	v, err := s.logins.Inspect(t.Context(), s.load(t, session.Key()))
	if err != nil || v.User.Username != "ann" {
		t.Errorf("%+v, %v", v, err)
	}
	// Of another user it gets the key alone.
	if err := s.logins.UpdateHash(session, s.user(t, "ben")); err != nil {
		t.Error(err)
	}
	save(t, session)
	if v, err = s.logins.Inspect(t.Context(), s.load(t, session.Key())); err != nil || v.User.Username != "ann" {
		t.Errorf("%+v, %v", v, err)
	}
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
	v, err := s.logins.Inspect(t.Context(), s.load(t, newKey(w)))
	if err != nil || v.User.Username != "ann" {
		t.Errorf("%+v, %v", v, err)
	}
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

// TestLoginDropsTheSecret: without package csrf's middleware, too, the secret of
// before a login is worth nothing after it.
func TestLoginDropsTheSecret(t *testing.T) {
	s := newSite(t, func(set *django.Settings) { set.CSRFUseSessions = true })
	session := s.sessions.NewSession()
	mustSet(t, session, "_csrftoken", "x")
	if err := s.logins.LoginSession(t.Context(), session, s.user(t, "ann")); err != nil || session.Has("_csrftoken") {
		t.Errorf("the secret is there: %t, %v", session.Has("_csrftoken"), err)
	}
}
