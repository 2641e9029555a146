package auth

import (
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/signing"
)

// SessionAuthHashSalt is the key_salt of Django's own get_session_auth_hash.
const SessionAuthHashSalt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"

// HMAC computes Django's salted_hmac(key_salt, value).hexdigest() under SECRET_KEY, or
// under one of SECRET_KEY_FALLBACKS when a session is checked.
type HMAC struct {
	secret    string
	algorithm signing.Algorithm
	own       *signing.MAC // with Django's own salt
}

func newHMAC(secret string, algorithm signing.Algorithm) (HMAC, error) {
	own, err := signing.NewMAC(SessionAuthHashSalt, secret, algorithm)
	return HMAC{secret, algorithm, own}, err
}

// Salted uses the algorithm of AbstractBaseUser in the site's Django: SHA-256 from 3.1
// on, SHA-1 before. It is salted_hmac(keySalt, value, algorithm="sha256").
func (m HMAC) Salted(keySalt, value string) string {
	if keySalt == SessionAuthHashSalt {
		return string(m.appendOwn(nil, value))
	}
	return salted(keySalt, value, m.secret, m.algorithm)
}

// SaltedSHA1 is salted_hmac without an algorithm, whose default is SHA-1 in every
// Django: what a model that was written for Django 3.0 or older may still do.
func (m HMAC) SaltedSHA1(keySalt, value string) string {
	return salted(keySalt, value, m.secret, signing.SHA1)
}

func salted(keySalt, value, secret string, algorithm signing.Algorithm) string {
	sum, err := signing.SaltedHMAC(keySalt, value, secret, algorithm)
	if err != nil {
		return "" // both algorithms are known
	}
	return hex.EncodeToString(sum)
}

func (m HMAC) appendOwn(dst []byte, value string) []byte {
	var sum [32]byte
	return hex.AppendEncode(dst, m.own.AppendSum(sum[:0], value))
}

// Format implements fmt.Formatter: nothing of the secret.
func (HMAC) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("auth.HMAC")) }

// hasher makes and checks the hash that a session holds of the user who is logged in:
// Django's get_session_auth_hash and get_session_auth_fallback_hash.
type hasher struct {
	own      func(User, HMAC) (string, error) // WithSessionAuthHash's; nil if it is Django's
	current  HMAC
	accepted []HMAC // as good as the current one
	outdated []HMAC // to be replaced by the current one
}

func newHasher(set django.Settings, own func(User, HMAC) (string, error)) (*hasher, error) {
	v, err := djversion.Parse(set.DjangoVersion)
	if err != nil {
		return nil, err
	}
	h := &hasher{own: own}
	if set.SessionFormat == django.FormatPre31 || v.Before(djversion.V3_1) {
		// DEFAULT_HASHING_ALGORITHM = "sha1" covers this hash, too.
		h.current, err = newHMAC(set.SecretKey, signing.SHA1)
		return h, err
	}
	if h.current, err = newHMAC(set.SecretKey, signing.SHA256); err != nil {
		return nil, err
	}
	legacy, err := newHMAC(set.SecretKey, signing.SHA1)
	switch {
	case err != nil:
		return nil, err
	case own != nil: // which says its algorithm itself
	case v.Before(djversion.V4_0):
		h.accepted = append(h.accepted, legacy)
	case set.ReadOlderFormats:
		h.outdated = append(h.outdated, legacy)
	}
	for _, secret := range set.SecretKeyFallbacks {
		m, err := newHMAC(secret, signing.SHA256)
		if err != nil {
			return nil, err
		}
		h.outdated = append(h.outdated, m)
	}
	return h, nil
}

var errEmptyHash = errors.New("auth: the function of WithSessionAuthHash returned an empty hash")

// appendHash appends the hash of u under m.
func (h *hasher) appendHash(dst []byte, u User, m HMAC) ([]byte, error) {
	if h.own == nil {
		return m.appendOwn(dst, u.Password), nil
	}
	hash, err := h.own(u, m)
	if err == nil && hash == "" {
		err = errEmptyHash
	}
	return append(dst, hash...), err
}

// make returns the hash to store in a session.
func (h *hasher) make(u User) (string, error) {
	hash, err := h.appendHash(nil, u, h.current)
	return string(hash), err
}

// check reports whether given is a hash of u, and if so whether it is to be replaced.
func (h *hasher) check(given string, u User) (ok, outdated bool, err error) {
	if ok, err := h.matches(given, u, h.current); ok || err != nil {
		return ok, false, err
	}
	for _, m := range h.accepted {
		if ok, err := h.matches(given, u, m); ok || err != nil {
			return ok, false, err
		}
	}
	for _, m := range h.outdated {
		if ok, err := h.matches(given, u, m); ok || err != nil {
			return ok, ok, err
		}
	}
	return false, false, nil
}

// matches compares texts in constant time: decoding the given one first would accept
// more than one text.
func (h *hasher) matches(given string, u User, m HMAC) (bool, error) {
	var text [64]byte
	hash, err := h.appendHash(text[:0], u, m)
	return err == nil && subtle.ConstantTimeCompare(hash, []byte(given)) == 1, err
}
