package signing

import (
	"testing"
	"time"
)

func TestNewCookieSignerRefuses(t *testing.T) {
	for name, construct := range map[string]func() (*CookieSigner, error){
		"empty key":                func() (*CookieSigner, error) { return NewCookieSigner("", CookieOptions{}) },
		"empty fallback key":       func() (*CookieSigner, error) { return NewCookieSigner("k", CookieOptions{FallbackKeys: []string{""}}) },
		"unknown algorithm":        func() (*CookieSigner, error) { return NewCookieSigner("k", CookieOptions{Algorithm: "md5"}) },
		"unknown legacy algorithm": func() (*CookieSigner, error) { return NewCookieSigner("k", CookieOptions{LegacyAlgorithm: "md5"}) },
	} {
		if c, err := construct(); err == nil || c != nil {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
}

// The four ways to write and read, against the two salts.
func TestCookieSalts(t *testing.T) {
	cookies := func(o CookieOptions) *CookieSigner { return cookieSigner(t, testKey, o) }
	older := cookies(CookieOptions{WriteLegacySalt: true}).Sign("theme", "salt", "dark")
	newer := cookies(CookieOptions{}).Sign("theme", "salt", "dark")
	if older == newer {
		t.Fatal("both salts give the same signature")
	}
	for _, tt := range []struct {
		write, fallback        bool
		readsOlder, readsNewer bool
	}{
		{write: false, fallback: false, readsNewer: true},
		{write: false, fallback: true, readsNewer: true, readsOlder: true},
		{write: true, fallback: false, readsOlder: true},
		{write: true, fallback: true, readsNewer: true, readsOlder: true},
	} {
		c := cookies(CookieOptions{WriteLegacySalt: tt.write, LegacySaltFallback: tt.fallback})
		for text, reads := range map[string]bool{older: tt.readsOlder, newer: tt.readsNewer} {
			want := error(ErrSignatureMismatch)
			if reads {
				want = nil
			}
			if got, err := c.Unsign("theme", "salt", text, NoMaxAge); err != want || (got == "dark") != reads {
				t.Errorf("%+v: %q, %v; want %v", tt, got, err, want)
			}
		}
	}
	// Under the older salt a pair can pass for another one; under the newer it cannot.
	if got, err := cookies(CookieOptions{WriteLegacySalt: true}).Unsign("themes", "alt", older, NoMaxAge); err != nil || got != "dark" {
		t.Errorf("older salt, another pair: %q, %v", got, err)
	}
	if _, err := cookies(CookieOptions{}).Unsign("themes", "alt", newer, NoMaxAge); err != ErrSignatureMismatch {
		t.Errorf("newer salt, another pair: %v", err)
	}
}

// A text that is good under the first salt and too old is not given a second chance, whatever the other salt would say.
func TestCookieTooOldIsFinal(t *testing.T) {
	now := 1700000000.0
	clock := func() time.Time { return at(now)() }
	for _, older := range []bool{false, true} {
		c := cookieSigner(t, testKey, CookieOptions{WriteLegacySalt: older, LegacySaltFallback: true, Now: clock})
		now = 1700000000
		signed := c.Sign("theme", "", "dark")
		now += 61
		if _, err := c.Unsign("theme", "", signed, time.Minute); err != ErrSignatureExpired {
			t.Errorf("older salt %v: %v, want ErrSignatureExpired", older, err)
		}
		// Django's ValueError ends the search too.
		o := Options{Salt: c.salts("theme", "")[0]}
		unstamped := newSigner(t, "Signer", "django.http.cookies"+testKey, o).Sign("dark")
		if _, err := c.Unsign("theme", "", unstamped, NoMaxAge); err != ErrTimestamp {
			t.Errorf("older salt %v: %v, want ErrTimestamp", older, err)
		}
	}
}
