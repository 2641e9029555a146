package auth_test

import (
	"testing"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
)

// TestNewHMAC: what it computes is what a function of WithSessionAuthHash is given for a new
// login, under each version and format.
func TestNewHMAC(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*django.Settings)
		length int // of Salted's results
	}{
		"newest": {func(*django.Settings) {}, 64},
		"5.2":    {func(set *django.Settings) { set.DjangoVersion, set.SecretKeyFallbacks = "5.2", []string{"older"} }, 64},
		"3.2, sha1": {func(set *django.Settings) {
			set.DjangoVersion, set.SessionFormat = "3.2", django.FormatPre31
		}, 40},
		"2.2": {func(set *django.Settings) { set.DjangoVersion = "2.2" }, 40},
	} {
		t.Run(name, func(t *testing.T) {
			var given []string
			all := func(m auth.HMAC) []string {
				return []string{m.Salted("x", "y"), m.Salted(auth.SessionAuthHashSalt, "y"), m.SaltedSHA1("x", "y"), m.SaltedSHA256("x", "y")}
			}
			s := newSite(t, c.change, auth.WithSessionAuthHash(func(u auth.User, m auth.HMAC) (string, error) {
				given = all(m)
				return m.Salted("x", u.Password), nil
			}))
			s.login(t, "ann")
			m, err := auth.NewHMAC(s.settings)
			if err != nil {
				t.Fatal(err)
			}
			for i, length := range []int{c.length, c.length, 40, 64} {
				if got := all(m)[i]; got != given[i] || len(got) != length {
					t.Errorf("result %d: %q, want %q of %d digits", i, got, given[i], length)
				}
			}
		})
	}
	for _, set := range []django.Settings{{}, {SecretKey: "x", DjangoVersion: "1.11"}} {
		if _, err := auth.NewHMAC(set); err == nil {
			t.Errorf("made of %+v", set)
		}
	}
}

// TestZeroHMAC has no secret, so it computes nothing, under no salt.
func TestZeroHMAC(t *testing.T) {
	var m auth.HMAC
	for _, salt := range []string{"x", auth.SessionAuthHashSalt} {
		if got := m.Salted(salt, "y") + m.SaltedSHA1(salt, "y") + m.SaltedSHA256(salt, "y"); got != "" {
			t.Errorf("%s: %q", salt, got)
		}
	}
}
