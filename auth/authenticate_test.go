package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

func TestAuthenticate(t *testing.T) {
	for name, c := range map[string]struct {
		username, password string
		backends           []string
		want               string // the backend
		err                error
	}{
		"good":                     {"ann", annPassword, nil, modelBackend, nil},
		"wrong password":           {"ann", annPassword + " ", nil, "", auth.ErrCredentials},
		"empty":                    {"ann", "", nil, "", auth.ErrCredentials},
		"unknown":                  {"zoe", annPassword, nil, "", auth.ErrCredentials},
		"another case":             {"Ann", annPassword, nil, "", auth.ErrCredentials},
		"unusable":                 {"ben", annPassword, nil, "", auth.ErrCredentials},
		"inactive":                 {"cyd", annPassword, nil, "", auth.ErrCredentials},
		"inactive, all allowed":    {"cyd", annPassword, []string{allowAll}, allowAll, nil},
		"inactive, one allows":     {"cyd", annPassword, []string{modelBackend, allowAll}, allowAll, nil},
		"active, the first allows": {"ann", annPassword, []string{"django.contrib.auth.backends.RemoteUserBackend", modelBackend, allowAll}, modelBackend, nil},
		"no password backend":      {"ann", annPassword, []string{"django.contrib.auth.backends.RemoteUserBackend"}, "", auth.ErrNoPasswordBackend},
		"own backend first":        {"ann", annPassword, []string{"axes.Backend", modelBackend}, "", auth.ErrOwnBackend},
		"own backend last":         {"ann", annPassword, []string{modelBackend, "shop.Backend"}, modelBackend, nil},
		"own backend between":      {"cyd", annPassword, []string{modelBackend, "shop.Backend", allowAll}, "", auth.ErrCredentials},
		"NUL in the name":          {"an\x00n", annPassword, nil, "", auth.ErrCredentials},
		"NUL in the password":      {"ann", annPassword + "\x00", nil, "", auth.ErrCredentials},
		"invalid UTF-8":            {"ann\xff", "\xff", nil, "", auth.ErrCredentials},
		"1 MB":                     {"ann", strings.Repeat("x", 1<<20), nil, "", auth.ErrCredentials},
		"name of 1 MB":             {strings.Repeat("x", 1<<20), annPassword, nil, "", auth.ErrCredentials},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, func(set *django.Settings) {
				if c.backends != nil {
					set.AuthenticationBackends = c.backends
				}
			})
			u, err := s.logins.Authenticate(t.Context(), c.username, c.password)
			if !errors.Is(err, c.err) || u.Backend != c.want || u.IsAuthenticated() != (c.err == nil) {
				t.Errorf("%v, %v", u, err)
			}
			if err != nil && strings.Contains(err.Error(), c.username) {
				t.Errorf("the error quotes the name: %v", err)
			}
		})
	}
}

// TestOwnBackend: a custom backend accepts passwords if WithBackend describes it so.
func TestOwnBackend(t *testing.T) {
	const own = "shop.backends.Email"
	s := newSite(t, func(set *django.Settings) { set.AuthenticationBackends = []string{own} },
		auth.WithBackend(own, auth.Backend{Password: true}))
	u, err := s.logins.Authenticate(t.Context(), "ann", annPassword)
	if err != nil || u.Backend != own {
		t.Errorf("%v, %v", u, err)
	}
	// One that may be passed over.
	s = newSite(t, func(set *django.Settings) { set.AuthenticationBackends = []string{own, modelBackend} },
		auth.WithBackend(own, auth.Backend{}))
	if u, err = s.logins.Authenticate(t.Context(), "ann", annPassword); err != nil || u.Backend != modelBackend {
		t.Errorf("%v, %v", u, err)
	}
}

// TestUnknownUserCostsAHash: a context that has ended gets no turn to hash, which
// tells who was to have one.
func TestUnknownUserCostsAHash(t *testing.T) {
	s := newSite(t, nil)
	s.users.patient = true
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{"ann", "ben", "cyd", "zoe"} {
		if _, err := s.logins.Authenticate(ctx, name, annPassword); !errors.Is(err, hashers.ErrBusy) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestInactiveCostsAHash: the time must not tell whether an inactive user's password is
// right, so their own hash, cheap or damaged, is not looked at.
func TestInactiveCostsAHash(t *testing.T) {
	s := newSite(t, nil)
	for _, name := range []string{"ann", "cyd"} {
		s.exec(t, "UPDATE auth_user SET password = 'rot13$' WHERE username = ?", name)
		if _, err := s.logins.Authenticate(t.Context(), name, annPassword); !errors.Is(err, auth.ErrCredentials) {
			t.Error(err)
		}
		if looked := strings.Contains(s.log.String(), "matches no password"); looked != (name == "ann") {
			t.Errorf("%s's hash was looked at: %t", name, looked)
		}
		s.log = new(testenv.Log)
		s.open(t)
	}
}

// TestUpgradeTwice: of two logins at once that both replace the hash, both hold.
func TestUpgradeTwice(t *testing.T) {
	s := newSite(t, nil, auth.WithHashers(explicitHashers(t)))
	var users []auth.User
	authenticate := func() {
		u, err := s.logins.Authenticate(t.Context(), "ann", annPassword)
		if err != nil {
			t.Fatal(err)
		}
		users = append(users, u)
	}
	s.users.before = func() {
		s.users.before = nil
		authenticate()
	}
	authenticate()
	for i, u := range users {
		session := s.sessions.NewSession()
		if err := s.logins.LoginSession(t.Context(), session, u); err != nil {
			t.Fatal(err)
		}
		if v, err := s.logins.Inspect(t.Context(), session); err != nil || v.Reason != nil || u.Backend != modelBackend {
			t.Errorf("login %d: %+v, %v", i, v, err)
		}
	}
}

func explicitHashers(t *testing.T) *hashers.Hashers {
	t.Helper()
	h, err := hashers.New(hashers.Options{
		PasswordHashers: []string{"pbkdf2_sha256", "md5"},
		Parameters:      map[string]hashers.Parameters{"pbkdf2_sha256": hashers.PBKDF2SHA256{Iterations: 2}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestUpgrade: a hash with other parameters is replaced, but only with parameters
// that were configured, and never over a password that was changed meanwhile.
func TestUpgrade(t *testing.T) {
	implicit := func(t *testing.T) *hashers.Hashers {
		h, err := hashers.New(hashers.Options{DjangoVersion: "2.2", PasswordHashers: []string{"pbkdf2_sha256", "md5"}})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	for name, c := range map[string]struct {
		hashers  func(*testing.T) *hashers.Hashers
		set      func(t *testing.T, s *site)
		upgraded bool
		logged   string
		err      error
	}{
		"explicit":  {explicitHashers, func(*testing.T, *site) {}, true, "", nil},
		"implicit":  {implicit, func(*testing.T, *site) {}, false, "", nil},
		"read only": {explicitHashers, func(_ *testing.T, s *site) { s.users.failSet = errors.New("read-only transaction") }, false, "read-only transaction", nil},
		"changed meanwhile": {explicitHashers, func(t *testing.T, s *site) {
			s.users.before = func() { s.exec(t, "UPDATE auth_user SET password = 'changed' WHERE id = 1") }
		}, false, "", auth.ErrCredentials},
		"not active any more": {explicitHashers, func(t *testing.T, s *site) {
			s.users.before = func() {
				other, err := explicitHashers(t).Make(t.Context(), annPassword)
				if err != nil {
					t.Fatal(err)
				}
				s.exec(t, "UPDATE auth_user SET password = ?, is_active = 0 WHERE id = 1", other)
			}
		}, true, "", auth.ErrCredentials},
		"deleted meanwhile": {explicitHashers, func(t *testing.T, s *site) {
			s.users.before = func() { s.exec(t, "DELETE FROM auth_user WHERE id = 1") }
		}, false, "", auth.ErrCredentials},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil, auth.WithHashers(c.hashers(t)))
			key := s.login(t, "ann")
			c.set(t, s)
			u, err := s.logins.Authenticate(t.Context(), "ann", annPassword)
			if !errors.Is(err, c.err) {
				t.Fatal(err)
			}
			var stored string // nothing if the user is gone
			if err := s.db.Get(&stored, "SELECT coalesce(max(password), '') FROM auth_user WHERE id = 1"); err != nil {
				t.Fatal(err)
			}
			if upgraded := strings.HasPrefix(stored, "pbkdf2_sha256$2$"); upgraded != c.upgraded {
				t.Errorf("upgraded: %t", upgraded)
			}
			holds(t, s.log.String(), c.logged)
			if strings.Contains(s.log.String(), "md5$") {
				t.Error("the log holds a hash")
			}
			if err != nil {
				if strings.HasPrefix(stored, "md5$") || name == "changed meanwhile" && stored != "changed" {
					t.Error("what was changed meanwhile was overwritten")
				}
				return
			}
			// The new login is good, and the one before it ends with the old hash.
			session := s.sessions.NewSession()
			if err := s.logins.LoginSession(t.Context(), session, u); err != nil {
				t.Fatal(err)
			}
			v, err := s.logins.Inspect(t.Context(), session)
			if err != nil || !v.User.IsAuthenticated() {
				t.Errorf("the new login: %+v, %v", v, err)
			}
			v, err = s.logins.Inspect(t.Context(), s.load(t, key))
			if err != nil || v.User.IsAuthenticated() == c.upgraded {
				t.Errorf("the old login: %+v, %v", v, err)
			}
		})
	}
}

func TestNormalizeUsername(t *testing.T) {
	long := strings.Repeat("ﬁ", 255)
	for typed, want := range map[string]string{
		"ann": "ann", " ann\t\n": "ann", "\x1cann\x1f": "ann", "ﬁn": "fin", "Ⅸ": "IX", "ａｎｎ": "ann", "e\u0301": "é",
		"\u00a0ann\u3000": "ann", "a b": "a b", "": "", "Ann": "Ann", long: long,
	} {
		if got := auth.NormalizeUsername(typed); got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}
