package signing

import (
	"errors"
	"strconv"
	"time"
	"unicode/utf8"
)

// CookieOptions are the settings that Django's signed cookies depend on. The zero value is Django 6.1's default.
type CookieOptions struct {
	// WriteLegacySalt signs with the salt name+salt, the only one that Django before 5.2.15 and 6.0.6 reads and writes.
	// Otherwise Sign uses the newer, length-prefixed salt, which no two pairs of name and salt share.
	WriteLegacySalt bool

	// LegacySaltFallback is SIGNED_COOKIE_LEGACY_SALT_FALLBACK (False by default in Django 6.1, True in 5.2 and 6.0):
	// cookies with the older salt are accepted too. With WriteLegacySalt it is the newer salt that is accepted too, for
	// a site whose servers are upgraded one by one.
	LegacySaltFallback bool

	// FallbackKeys are SECRET_KEY_FALLBACKS (Django 4.1 and later; leave it empty for an older one).
	FallbackKeys []string

	// Algorithm and LegacyAlgorithm are those of Options.
	Algorithm, LegacyAlgorithm Algorithm

	// Now is the clock; nil means time.Now. It must be safe for concurrent use.
	Now func() time.Time `json:"-"`
}

// CookieSigner signs cookies as response.set_signed_cookie does and reads them as request.get_signed_cookie does, under
// Django's default SIGNING_BACKEND. It is immutable and safe for concurrent use.
//
// A signature depends on the cookie's name and on a salt, which may be empty; the key for the pair is derived on every
// call.
type CookieSigner struct {
	signer func(salt string) (*TimestampSigner, error) // a func so that nothing prints the keys
	salts  func(name, salt string) []string            // the first signs
}

// NewCookieSigner returns a signer for key, the value of SECRET_KEY. The error is ErrEmptyKey or ErrAlgorithm.
func NewCookieSigner(key string, o CookieOptions) (*CookieSigner, error) {
	if err := checkKeys(key, o.FallbackKeys); err != nil {
		return nil, err
	}
	const prefix = "django.http.cookies"
	options := Options{Algorithm: o.Algorithm, LegacyAlgorithm: o.LegacyAlgorithm, Now: o.Now}
	for _, k := range o.FallbackKeys {
		options.FallbackKeys = append(options.FallbackKeys, prefix+k)
	}
	c := &CookieSigner{salts: o.salts, signer: func(salt string) (*TimestampSigner, error) {
		options := options
		options.Salt = salt
		return NewTimestampSigner(prefix+key, options)
	}}
	if _, err := c.signer(""); err != nil {
		return nil, err
	}
	return c, nil
}

// Sign returns the value of the cookie that response.set_signed_cookie(name, value, salt=salt) sets, before any quoting.
func (c *CookieSigner) Sign(name, salt, value string) string {
	return c.mustSigner(c.salts(name, salt)[0]).Sign(value)
}

// Unsign returns the value that request.get_signed_cookie(name, salt=salt, max_age=maxAge) finds in a cookie, after
// unquoting. The error is ErrNoSeparator, ErrSignatureMismatch, ErrTimestamp or ErrSignatureExpired. An expired
// signature is final: no other salt is tried.
func (c *CookieSigner) Unsign(name, salt, signed string, maxAge time.Duration) (value string, err error) {
	for _, s := range c.salts(name, salt) {
		value, err = c.mustSigner(s).Unsign(signed, maxAge)
		if !errors.Is(err, ErrBadSignature) || errors.Is(err, ErrSignatureExpired) {
			break
		}
	}
	return value, err
}

// salts returns the salt to sign with, and after it the one that is also accepted.
func (o CookieOptions) salts(name, salt string) []string {
	// Python's len counts characters.
	newer := "django.http.cookies.v2:" + strconv.Itoa(utf8.RuneCountInString(salt)) + ":" + salt + name
	salts := []string{newer, name + salt}
	if o.WriteLegacySalt {
		salts[0], salts[1] = salts[1], salts[0]
	}
	if !o.LegacySaltFallback {
		salts = salts[:1]
	}
	return salts
}

// mustSigner cannot fail, because NewCookieSigner has made a signer with the same options and every salt is valid.
func (c *CookieSigner) mustSigner(salt string) *TimestampSigner {
	s, err := c.signer(salt)
	if err != nil {
		panic(err)
	}
	return s
}
