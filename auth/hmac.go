package auth

import (
	"encoding/hex"
	"errors"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/secret"
	"github.com/djsession/djsession/signing"
)

// SessionAuthHashSalt is the key_salt of Django's own get_session_auth_hash.
const SessionAuthHashSalt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"

// HMAC computes Django's salted_hmac(key_salt, value).hexdigest() under SECRET_KEY, or
// under one of SECRET_KEY_FALLBACKS when a session is checked. The zero HMAC has no secret,
// and all its results are empty; see [NewHMAC].
type HMAC struct {
	key       secret.Text
	algorithm signing.Algorithm
	own       *signing.MAC // with Django's own salt; nil if there is no secret
}

// NewHMAC returns the HMAC that the function of [WithSessionAuthHash] gets for a new login:
// under SECRET_KEY, and for [HMAC.Salted] with the algorithm of the settings' Django. It is for
// testing such a function.
func NewHMAC(settings django.Settings) (HMAC, error) {
	if settings.SecretKey == "" {
		return HMAC{}, errors.New("auth: setting SECRET_KEY must not be empty")
	}
	h, err := newSessionHasher(settings, nil)
	if err != nil {
		return HMAC{}, err
	}
	return h.macs[0].HMAC, nil
}

// Salted uses the algorithm of AbstractBaseUser in the site's Django: SHA-256 from 3.1
// on, and SHA-1 before and under SessionFormat = FormatPre31, which stands for
// DEFAULT_HASHING_ALGORITHM = "sha1". It is
// salted_hmac(keySalt, value, algorithm=settings.DEFAULT_HASHING_ALGORITHM) in 3.1 and 3.2,
// and salted_hmac(keySalt, value, algorithm="sha256") from 4.0 on.
func (m HMAC) Salted(keySalt, value string) string {
	if m.own == nil || keySalt != SessionAuthHashSalt {
		return m.salted(keySalt, value, m.algorithm)
	}
	var sum [32]byte
	var digits [64]byte
	return string(hex.AppendEncode(digits[:0], m.own.AppendSum(sum[:0], value)))
}

// SaltedSHA256 is salted_hmac(keySalt, value, algorithm="sha256"), whatever the settings.
func (m HMAC) SaltedSHA256(keySalt, value string) string {
	return m.salted(keySalt, value, signing.SHA256)
}

// SaltedSHA1 is salted_hmac without an algorithm, whose default is SHA-1 in every
// Django: what a model that was written for Django 3.0 or older may still do.
func (m HMAC) SaltedSHA1(keySalt, value string) string {
	return m.salted(keySalt, value, signing.SHA1)
}

func (m HMAC) salted(keySalt, value string, algorithm signing.Algorithm) string {
	if m.own == nil {
		return ""
	}
	sum, _ := signing.SaltedHMAC(keySalt, value, m.key.Value(), algorithm) // every algorithm is known
	return hex.EncodeToString(sum)
}
