package signing

import (
	"crypto/hmac"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"hash"
	"sync"
)

// SaltedHMAC returns the raw digest that django.utils.crypto.salted_hmac(keySalt, value, secret, algorithm=algorithm)
// computes. As in Django, an empty secret is accepted. The error is ErrAlgorithm. For more than one value make a [MAC].
func SaltedHMAC(keySalt, value, secret string, algorithm Algorithm) ([]byte, error) {
	mac, err := NewMAC(keySalt, secret, algorithm)
	if err != nil {
		return nil, err
	}
	return mac.AppendSum(nil, value), nil
}

// MAC is salted_hmac for one key salt, secret and algorithm: it derives the key once, and computing a digest does not
// allocate. It is safe for concurrent use.
type MAC struct {
	states sync.Pool // of *macState
}

// macState is what one computation needs, reused so that nothing is allocated.
type macState struct {
	hmac  hash.Hash
	chunk [512]byte
	sum   [64]byte
	text  [88]byte // of the longest sum in base64
}

// NewMAC derives the key H(keySalt + secret) that salted_hmac uses. The error is ErrAlgorithm.
func NewMAC(keySalt, secret string, algorithm Algorithm) (*MAC, error) {
	newHash := hashes[algorithm]
	if newHash == nil {
		return nil, fmt.Errorf("%w %q: use sha1, sha256, sha384 or sha512", ErrAlgorithm, string(algorithm))
	}
	h := newHash()
	h.Write([]byte(keySalt))
	h.Write([]byte(secret))
	key := h.Sum(nil)

	m := new(MAC)
	m.states.New = func() any { return &macState{hmac: hmac.New(newHash, key)} }
	return m, nil
}

// AppendSum appends the raw digest of value to dst.
func (m *MAC) AppendSum(dst []byte, value string) []byte {
	s := m.states.Get().(*macState)
	defer m.states.Put(s)
	return append(dst, digest(s, value)...)
}

// appendSignature appends the digest of value as Django writes it into a signed text.
func appendSignature[T string | []byte](m *MAC, dst []byte, value T) []byte {
	s := m.states.Get().(*macState)
	defer m.states.Put(s)
	return append(dst, signatureText(s, value)...)
}

// matches compares texts, not digests: decoding the signature first would accept more than one text for it.
func (m *MAC) matches(value, signature string) bool {
	s := m.states.Get().(*macState)
	defer m.states.Put(s)
	return subtle.ConstantTimeCompare(signatureText(s, value), []byte(signature)) == 1
}

func signatureText[T string | []byte](s *macState, value T) []byte {
	return base64.RawURLEncoding.AppendEncode(s.text[:0], digest(s, value))
}

// digest copies value piece by piece, because the hash's argument is allocated.
func digest[T string | []byte](s *macState, value T) []byte {
	s.hmac.Reset()
	for len(value) > 0 {
		n := copy(s.chunk[:], value)
		s.hmac.Write(s.chunk[:n])
		value = value[n:]
	}
	return s.hmac.Sum(s.sum[:0])
}
