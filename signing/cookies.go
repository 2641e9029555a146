package signing

import (
	"errors"
	"strconv"
	"time"
	"unicode/utf8"
)

// CookieOptions are the settings that Django's signed cookies depend on. The zero value is Django 6.1's default.
type CookieOptions struct {
	// WriteLegacySalt signs with the salt name+salt, the only one that Djangos before 5.2.15 and 6.0.6 write and read.
	// Otherwise Sign uses the newer, length-prefixed salt, in which no two pairs of name and salt look alike.
	WriteLegacySalt bool

	// LegacySaltFallback is SIGNED_COOKIE_LEGACY_SALT_FALLBACK (False by default in Django 6.1, True in 5.2 and 6.0):
	// cookies with the older salt are read too. Under WriteLegacySalt it is the newer salt that is read too, for a site
	// whose servers are upgraded one by one.
	LegacySaltFallback bool

	// FallbackKeys are SECRET_KEY_FALLBACKS (Django 4.1 and later; leave it empty for an older one).
	FallbackKeys []string

	// Algorithm and LegacyAlgorithm are those of Options.
	Algorithm, LegacyAlgorithm Algorithm

	// Now is the clock; nil means time.Now. It must be safe for concurrent use.
	Now func() time.Time
}

// CookieSigner signs cookies as response.set_signed_cookie does and reads them as request.get_signed_cookie does, under
// Django's default SIGNING_BACKEND. It is immutable and safe for concurrent use.
//
// A signature depends on the cookie's name and on a salt of the caller's, which may be empty; each pair has a key of its
// own, which is derived at every call.
type CookieSigner struct {
	key string
	o   CookieOptions
}

// NewCookieSigner returns a signer for key, the value of SECRET_KEY. It refuses an empty key and an unknown algorithm.
func NewCookieSigner(key string, o CookieOptions) (*CookieSigner, error) {
	if err := checkKeys(key, o.FallbackKeys); err != nil {
		return nil, err
	}
	fallbacks := make([]string, len(o.FallbackKeys))
	for i, k := range o.FallbackKeys {
		fallbacks[i] = cookieKeyPrefix + k
	}
	o.FallbackKeys = fallbacks
	c := &CookieSigner{key: cookieKeyPrefix + key, o: o}
	if _, err := c.signer(legacyCookieSalt("", "")); err != nil {
		return nil, err
	}
	return c, nil
}

// Sign returns the value of the cookie that response.set_signed_cookie(name, value, salt=salt) sets, before any quoting.
func (c *CookieSigner) Sign(name, salt, value string) string {
	return c.mustSigner(c.salts(name, salt)[0]).Sign(value)
}

// Unsign returns the value that request.get_signed_cookie(name, salt=salt) finds in a cookie, after unquoting. The
// error is ErrNoSeparator, ErrSignatureMismatch or ErrTimestamp. A cookie that is absent is the caller's matter.
func (c *CookieSigner) Unsign(name, salt, signed string) (string, error) {
	return c.unsign(name, salt, func(s *TimestampSigner) (string, error) { return s.Unsign(signed) })
}

// UnsignMaxAge is Unsign with Django's max_age argument, and ErrSignatureExpired; see TimestampSigner. Once a signature
// was found good but too old, no other salt is tried.
func (c *CookieSigner) UnsignMaxAge(name, salt, signed string, maxAge time.Duration) (string, error) {
	return c.unsign(name, salt, func(s *TimestampSigner) (string, error) { return s.UnsignMaxAge(signed, maxAge) })
}

func (c *CookieSigner) unsign(name, salt string, unsign func(*TimestampSigner) (string, error)) (value string, err error) {
	for _, s := range c.salts(name, salt) {
		value, err = unsign(c.mustSigner(s))
		if !errors.Is(err, ErrBadSignature) || errors.Is(err, ErrSignatureExpired) {
			break
		}
	}
	return value, err
}

// salts returns the salt to sign with, followed by those that count for reading only.
func (c *CookieSigner) salts(name, salt string) []string {
	salts := []string{cookieSalt(name, salt), legacyCookieSalt(name, salt)}
	if c.o.WriteLegacySalt {
		salts[0], salts[1] = salts[1], salts[0]
	}
	if !c.o.LegacySaltFallback {
		salts = salts[:1]
	}
	return salts
}

const cookieKeyPrefix = "django.http.cookies"

// cookieSalt counts characters, as Python's len does.
func cookieSalt(name, salt string) string {
	return "django.http.cookies.v2:" + strconv.Itoa(utf8.RuneCountInString(salt)) + ":" + salt + name
}

func legacyCookieSalt(name, salt string) string { return name + salt }

func (c *CookieSigner) signer(salt string) (*TimestampSigner, error) {
	return NewTimestampSigner(c.key, Options{
		Salt:            salt,
		Algorithm:       c.o.Algorithm,
		LegacyAlgorithm: c.o.LegacyAlgorithm,
		FallbackKeys:    c.o.FallbackKeys,
		Now:             c.o.Now,
	})
}

// mustSigner cannot fail once NewCookieSigner has made a signer of the same options, since any salt will do.
func (c *CookieSigner) mustSigner(salt string) *TimestampSigner {
	s, err := c.signer(salt)
	if err != nil {
		panic(err)
	}
	return s
}
