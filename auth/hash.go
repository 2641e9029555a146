package auth

import (
	"crypto/subtle"
	"errors"
	"unicode/utf8"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/signing"
)

// sessionHasher makes and checks the hash that a session holds of the user who is logged in:
// Django's get_session_auth_hash and get_session_auth_fallback_hash.
type sessionHasher struct {
	own  func(User, HMAC) (string, error) // of WithSessionAuthHash; nil if the hash is Django's own
	macs []acceptedMAC                    // the first makes new hashes
}

type acceptedMAC struct {
	HMAC
	outdated bool // its hashes are to be replaced
}

func newSessionHasher(set django.Settings, own func(User, HMAC) (string, error)) (*sessionHasher, error) {
	v, err := djversion.Parse(set.DjangoVersion)
	if err != nil {
		return nil, err
	}
	algorithm, err := ownAlgorithm(set)
	h := &sessionHasher{own: own}
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
func (h *sessionHasher) appendHash(dst []byte, u User, m HMAC) ([]byte, error) {
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
func (h *sessionHasher) make(u User) (string, error) {
	hash, err := h.appendHash(nil, u, h.macs[0].HMAC)
	return string(hash), err
}

// check reports whether given is a hash of u, and if so whether it is to be replaced.
func (h *sessionHasher) check(given string, u User) (ok, outdated bool, err error) {
	for _, m := range h.macs {
		var text [64]byte
		hash, err := h.appendHash(text[:0], u, m.HMAC)
		if err != nil {
			return false, false, err
		}
		// Texts, since decoding the given one would accept more than one.
		if subtle.ConstantTimeCompare(hash, []byte(given)) == 1 {
			return true, m.outdated, nil
		}
	}
	return false, false, nil
}
