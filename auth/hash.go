package auth

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/fault"
	"github.com/djsession/djsession/internal/secret"
	"github.com/djsession/djsession/signing"
)

// sessionHasher makes and checks the hash that a session holds of the user who is logged in:
// Django's get_session_auth_hash and get_session_auth_fallback_hash.
type sessionHasher struct {
	f    func(User, HMAC) (string, error)
	macs []acceptedMAC // the first makes new hashes
}

type acceptedMAC struct {
	HMAC
	outdated bool // its hashes are to be replaced
}

// newSessionHasher returns the hasher for the function of WithSessionAuthHash, or, without
// one, for Django's own hash.
func newSessionHasher(set django.Settings, own func(User, HMAC) (string, error)) (*sessionHasher, error) {
	v, err := djversion.Parse(set.DjangoVersion)
	if err != nil {
		return nil, fmt.Errorf("auth: %w", err)
	}
	h := &sessionHasher{f: own}
	if own == nil {
		h.f = func(u User, m HMAC) (string, error) { return m.Salted(SessionAuthHashSalt, u.Password), nil }
	}
	add := func(key string, algorithm signing.Algorithm, outdated bool) {
		mac, errMAC := signing.NewMAC(SessionAuthHashSalt, key, algorithm)
		err = errors.Join(err, errMAC)
		h.macs = append(h.macs, acceptedMAC{HMAC{secret.New(key), algorithm, mac}, outdated})
	}
	// DEFAULT_HASHING_ALGORITHM = "sha1" covers this hash, too.
	if set.SessionFormat == django.FormatPre31 || v.Before(djversion.V3_1) {
		add(set.SecretKey, signing.SHA1, false)
		return h, err
	}
	add(set.SecretKey, signing.SHA256, false)
	older := v.Before(djversion.V4_0)                  // it accepts SHA-1 by itself
	if own == nil && (older || set.ReadOlderFormats) { // the model's own names its algorithm
		add(set.SecretKey, signing.SHA1, !older)
	}
	for _, key := range set.SecretKeyFallbacks {
		add(key, signing.SHA256, true)
	}
	return h, err
}

// hash returns the hash of u under m.
func (h *sessionHasher) hash(u User, m HMAC) (string, error) {
	hash, err := h.f(u, m)
	if err == nil && (hash == "" || !utf8.ValidString(hash)) {
		err = fault.New("auth: the function of WithSessionAuthHash returned an empty hash, or one that is not UTF-8", django.ErrProgram)
	}
	return hash, err
}

// make returns the hash to store in a session of u.
func (h *sessionHasher) make(u User) (string, error) {
	if !u.hasPassword() {
		return "", ErrNoPassword
	}
	return h.hash(u, h.macs[0].HMAC)
}

// check returns the MAC of which given is the hash of u, nil if there is none.
func (h *sessionHasher) check(given string, u User) (*acceptedMAC, error) {
	for i := range h.macs {
		hash, err := h.hash(u, h.macs[i].HMAC)
		if err != nil {
			return nil, err
		}
		// Texts, since decoding the given one would accept more than one.
		if subtle.ConstantTimeCompare([]byte(hash), []byte(given)) == 1 {
			return &h.macs[i], nil
		}
	}
	return nil, nil
}
