package auth

import (
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/signing"
)

// SessionAuthHashSalt is the key_salt of Django's own get_session_auth_hash.
const SessionAuthHashSalt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"

// HMAC computes Django's salted_hmac(key_salt, value).hexdigest() under SECRET_KEY, or
// under one of SECRET_KEY_FALLBACKS when a session is checked. The zero HMAC has no secret,
// and all its results are empty; see [NewHMAC].
type HMAC struct {
	secret    string
	algorithm signing.Algorithm
	own       *signing.MAC // with Django's own salt; nil if there is no secret
}

// NewHMAC returns the HMAC that the function of [WithSessionAuthHash] gets for the hash of a
// new login: under SECRET_KEY, and for [HMAC.Salted] with the algorithm of the Django that
// the settings are of. It is for testing such a function.
func NewHMAC(settings django.Settings) (HMAC, error) {
	algorithm, err := ownAlgorithm(settings)
	if err != nil {
		return HMAC{}, fmt.Errorf("auth: %w", err)
	}
	if settings.SecretKey == "" {
		return HMAC{}, errors.New("auth: setting SECRET_KEY must not be empty")
	}
	return newHMAC(settings.SecretKey, algorithm)
}

// ownAlgorithm returns the algorithm of AbstractBaseUser.get_session_auth_hash.
func ownAlgorithm(set django.Settings) (signing.Algorithm, error) {
	v, err := djversion.Parse(set.DjangoVersion)
	// DEFAULT_HASHING_ALGORITHM = "sha1" covers this hash, too.
	if set.SessionFormat == django.FormatPre31 || v.Before(djversion.V3_1) {
		return signing.SHA1, err
	}
	return signing.SHA256, err
}

func newHMAC(secret string, algorithm signing.Algorithm) (HMAC, error) {
	own, err := signing.NewMAC(SessionAuthHashSalt, secret, algorithm)
	return HMAC{secret, algorithm, own}, err
}

// Salted uses the algorithm of AbstractBaseUser in the site's Django: SHA-256 from 3.1
// on, and SHA-1 before and under SessionFormat = FormatPre31, which stands for
// DEFAULT_HASHING_ALGORITHM = "sha1". It is
// salted_hmac(keySalt, value, algorithm=settings.DEFAULT_HASHING_ALGORITHM) in 3.1 and 3.2,
// and salted_hmac(keySalt, value, algorithm="sha256") from 4.0 on.
func (m HMAC) Salted(keySalt, value string) string {
	if m.own != nil && keySalt == SessionAuthHashSalt {
		return string(m.appendOwn(nil, value))
	}
	return m.salted(keySalt, value, m.algorithm)
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
	sum, err := signing.SaltedHMAC(keySalt, value, m.secret, algorithm)
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
	own  func(User, HMAC) (string, error) // WithSessionAuthHash's; nil if it is Django's
	macs []acceptedMAC                    // the first makes new hashes
}

type acceptedMAC struct {
	HMAC
	outdated bool // its hashes are to be replaced
}

func newHasher(set django.Settings, own func(User, HMAC) (string, error)) (*hasher, error) {
	v, err := djversion.Parse(set.DjangoVersion)
	if err != nil {
		return nil, err
	}
	algorithm, err := ownAlgorithm(set)
	if err != nil {
		return nil, err
	}
	h := &hasher{own: own}
	add := func(secret string, algorithm signing.Algorithm, outdated bool) {
		m, errMAC := newHMAC(secret, algorithm)
		err = errors.Join(err, errMAC)
		h.macs = append(h.macs, acceptedMAC{m, outdated})
	}
	add(set.SecretKey, algorithm, false)
	if algorithm == signing.SHA1 {
		return h, err
	}
	older := v.Before(djversion.V4_0)                  // it accepts SHA-1 by itself
	if own == nil && (older || set.ReadOlderFormats) { // the model's own names its algorithm
		add(set.SecretKey, signing.SHA1, !older)
	}
	for _, secret := range set.SecretKeyFallbacks {
		add(secret, signing.SHA256, true)
	}
	return h, err
}

var errOwnHash = newProgramError("auth: the function of WithSessionAuthHash returned an empty hash, or one that is not UTF-8")

// appendHash appends the hash of u under m.
func (h *hasher) appendHash(dst []byte, u User, m HMAC) ([]byte, error) {
	if h.own == nil {
		return m.appendOwn(dst, u.Password), nil
	}
	hash, err := h.own(u, m)
	if err == nil && (hash == "" || !utf8.ValidString(hash)) {
		err = errOwnHash
	}
	return append(dst, hash...), err
}

// make returns the hash to store in a session.
func (h *hasher) make(u User) (string, error) {
	hash, err := h.appendHash(nil, u, h.macs[0].HMAC)
	return string(hash), err
}

// check reports whether given is a hash of u, and if so whether it is to be replaced.
func (h *hasher) check(given string, u User) (ok, outdated bool, err error) {
	for _, m := range h.macs {
		if ok, err := h.matches(given, u, m.HMAC); ok || err != nil {
			return ok, ok && m.outdated, err
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
