package signing

import (
	"crypto/hmac"
	"crypto/subtle"
	"encoding/base64"
	"hash"
	"sync"
)

// SaltedHMAC returns the raw digest that django.utils.crypto.salted_hmac(keySalt, value, secret, algorithm=algorithm)
// computes. As there, an empty secret is hashed like any other: refusing it is the caller's business. The error is that
// of an unknown algorithm. For more than one value make a [MAC].
func SaltedHMAC(keySalt, value, secret string, algorithm Algorithm) ([]byte, error) {
	mac, err := NewMAC(keySalt, secret, algorithm)
	if err != nil {
		return nil, err
	}
	return mac.AppendSum(nil, value), nil
}

// MAC is salted_hmac with the key salt, the secret and the algorithm fixed: the key is derived once, and computing a
// digest allocates nothing. It is safe for concurrent use.
type MAC struct {
	size   int
	states sync.Pool // of *macState
}

// macState is what one computation needs, reused so that nothing escapes to the heap each time.
type macState struct {
	hmac  hash.Hash
	chunk [512]byte
	sum   [64]byte
	text  [88]byte // of the longest sum in base64
}

// NewMAC derives the key H(keySalt + secret) that salted_hmac uses. The error is that of an unknown algorithm.
func NewMAC(keySalt, secret string, algorithm Algorithm) (*MAC, error) {
	newHash, err := algorithm.constructor()
	if err != nil {
		return nil, err
	}
	h := newHash()
	h.Write([]byte(keySalt))
	h.Write([]byte(secret))
	key := h.Sum(nil)

	m := &MAC{size: h.Size()}
	m.states.New = func() any { return &macState{hmac: hmac.New(newHash, key)} }
	return m, nil
}

// Size returns the length of a digest in bytes.
func (m *MAC) Size() int { return m.size }

// AppendSum appends the raw digest of value to dst.
func (m *MAC) AppendSum(dst []byte, value string) []byte {
	s := m.states.Get().(*macState)
	dst = append(dst, digest(s, value)...)
	m.states.Put(s)
	return dst
}

// Equal reports in constant time whether sum is the raw digest of value.
func (m *MAC) Equal(sum []byte, value string) bool {
	s := m.states.Get().(*macState)
	equal := hmac.Equal(sum, digest(s, value))
	m.states.Put(s)
	return equal
}

// appendSignature appends the digest of value as Django writes it into a signed text.
func appendSignature[T string | []byte](m *MAC, dst []byte, value T) []byte {
	s := m.states.Get().(*macState)
	dst = append(dst, signatureText(s, value)...)
	m.states.Put(s)
	return dst
}

// matches compares texts, not digests: decoding the signature first would accept more than one text for it.
func (m *MAC) matches(value, signature string) bool {
	s := m.states.Get().(*macState)
	equal := subtle.ConstantTimeCompare(signatureText(s, value), []byte(signature)) == 1
	m.states.Put(s)
	return equal
}

func signatureText[T string | []byte](s *macState, value T) []byte {
	return base64.RawURLEncoding.AppendEncode(s.text[:0], digest(s, value))
}

func digest[T string | []byte](s *macState, value T) []byte {
	s.hmac.Reset()
	for len(value) > 0 {
		n := copy(s.chunk[:], value)
		s.hmac.Write(s.chunk[:n])
		value = value[n:]
	}
	return s.hmac.Sum(s.sum[:0])
}
