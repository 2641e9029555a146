package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/django"
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
		"active, the first allows": {"ann", annPassword, []string{"shop.backends.Token", modelBackend, allowAll}, modelBackend, nil},
		"no password backend":      {"ann", annPassword, []string{"shop.backends.Token"}, "", auth.ErrNoPasswordBackend},
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

// TestOwnBackend: a site's own backend may take passwords, if it is said.
func TestOwnBackend(t *testing.T) {
	const own = "shop.backends.Email"
	s := newSite(t, func(set *django.Settings) { set.AuthenticationBackends = []string{own} },
		auth.WithBackend(own, auth.Backend{Password: true}))
	u, err := s.logins.Authenticate(t.Context(), "ann", annPassword)
	if err != nil || u.Backend != own {
		t.Errorf("%v, %v", u, err)
	}
}

// TestUnknownUserCostsAHash: with the only slot for hashes taken, everybody
// waits, those who do not exist, too.
func TestUnknownUserCostsAHash(t *testing.T) {
	h, err := hashers.New(hashers.Options{PasswordHashers: []string{md5Hasher}, Concurrent: 1})
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, nil, auth.WithHashers(h))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{"ann", "zoe"} {
		// A context that has ended gets no hash.
		if _, err := s.logins.Authenticate(ctx, name, annPassword); err == nil || errors.Is(err, auth.ErrCredentials) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUpgrade: a hash of other parameters is made anew, but only with parameters
// that were said, and never over a password that was changed meanwhile.
func TestUpgrade(t *testing.T) {
	explicit := func(t *testing.T) *hashers.Hashers {
		h, err := hashers.New(hashers.Options{
			PasswordHashers: []string{"pbkdf2_sha256", "md5"},
			Parameters:      map[string]hashers.Parameters{"pbkdf2_sha256": hashers.PBKDF2SHA256{Iterations: 2}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
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
	}{
		"explicit":  {explicit, func(*testing.T, *site) {}, true, ""},
		"implicit":  {implicit, func(*testing.T, *site) {}, false, ""},
		"read only": {explicit, func(_ *testing.T, s *site) { s.users.failSet = errors.New("read-only transaction") }, false, "read-only transaction"},
		"changed meanwhile": {explicit, func(t *testing.T, s *site) {
			s.users.before = func() { s.exec(t, "UPDATE auth_user SET password = 'changed' WHERE id = 1") }
		}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, nil, auth.WithHashers(c.hashers(t)))
			key := s.login(t, "ann")
			c.set(t, s)
			u, err := s.logins.Authenticate(t.Context(), "ann", annPassword)
			if err != nil {
				t.Fatal(err)
			}
			if upgraded := strings.HasPrefix(s.user(t, "ann").Password, "pbkdf2_sha256$2$"); upgraded != c.upgraded {
				t.Errorf("upgraded: %t", upgraded)
			}
			if name == "changed meanwhile" && s.user(t, "ann").Password != "changed" {
				t.Error("a changed password was overwritten")
			}
			holds(t, s.log.String(), c.logged)
			if strings.Contains(s.log.String(), "md5$") {
				t.Error("the log holds a hash")
			}
			// The new login is good, and the one before it ends with the old hash.
			session := s.sessions.NewSession()
			if err := s.logins.LoginSession(t.Context(), session, u); err != nil {
				t.Fatal(err)
			}
			v, err := s.logins.Inspect(t.Context(), session)
			if err != nil || v.User.IsAuthenticated() != (name != "changed meanwhile") {
				t.Errorf("the new login: %+v, %v", v, err)
			}
			v, err = s.logins.Inspect(t.Context(), s.load(t, key))
			if err != nil || v.User.IsAuthenticated() != (!c.upgraded && name != "changed meanwhile") {
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
