package auth

import (
	"crypto/subtle"
	"encoding/hex"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/signing"
)

const hashSalt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"

// hasher makes and checks the hash of a password field that a session holds:
// Django's get_session_auth_hash and get_session_auth_fallback_hash.
type hasher struct {
	current  *signing.MAC
	accepted []*signing.MAC // as good as the current one
	outdated []*signing.MAC // to be replaced by the current one
}

func newHasher(set django.Settings) (*hasher, error) {
	v, err := djversion.Parse(set.DjangoVersion)
	if err != nil {
		return nil, err
	}
	h := &hasher{}
	if set.SessionFormat == django.FormatPre31 || v.Before(djversion.V3_1) {
		// DEFAULT_HASHING_ALGORITHM = "sha1" covers this hash, too.
		h.current, err = signing.NewMAC(hashSalt, set.SecretKey, signing.SHA1)
		return h, err
	}
	if h.current, err = signing.NewMAC(hashSalt, set.SecretKey, signing.SHA256); err != nil {
		return nil, err
	}
	legacy, err := signing.NewMAC(hashSalt, set.SecretKey, signing.SHA1)
	switch {
	case err != nil:
		return nil, err
	case v.Before(djversion.V4_0):
		h.accepted = append(h.accepted, legacy)
	case set.ReadOlderFormats:
		h.outdated = append(h.outdated, legacy)
	}
	for _, secret := range set.SecretKeyFallbacks {
		m, err := signing.NewMAC(hashSalt, secret, signing.SHA256)
		if err != nil {
			return nil, err
		}
		h.outdated = append(h.outdated, m)
	}
	return h, nil
}

// make returns the hash to store in a session.
func (h *hasher) make(password string) string {
	return hex.EncodeToString(h.current.AppendSum(nil, password))
}

// isCurrent reports whether given is what make returns.
func (h *hasher) isCurrent(given, password string) bool { return matches(h.current, given, password) }

// check reports whether given is a hash of password, and if so whether it is to
// be replaced.
func (h *hasher) check(given, password string) (ok, outdated bool) {
	if h.isCurrent(given, password) {
		return true, false
	}
	for _, m := range h.accepted {
		if matches(m, given, password) {
			return true, false
		}
	}
	for _, m := range h.outdated {
		if matches(m, given, password) {
			return true, true
		}
	}
	return false, false
}

// matches compares texts in constant time: decoding the given one first would
// accept more than one text.
func matches(m *signing.MAC, given, password string) bool {
	var sum [32]byte
	var text [64]byte
	n := hex.Encode(text[:], m.AppendSum(sum[:0], password))
	return subtle.ConstantTimeCompare(text[:n], []byte(given)) == 1
}
