package django

import (
	"fmt"
	"io"
	"unicode/utf8"
)

const (
	keyLength    = 32
	minKeyLength = 8
	keyAlphabet  = "abcdefghijklmnopqrstuvwxyz0123456789"
)

// newKey makes a session key of 32 characters of a-z and 0-9, each as likely as
// the other. Django's _get_new_session_key.
func newKey(random io.Reader) (string, error) {
	// The largest multiple of 36 in a byte: what is above it would favour some.
	const limit = 256 / len(keyAlphabet) * len(keyAlphabet)
	key := make([]byte, 0, keyLength)
	var buf [keyLength + keyLength/4]byte
	for {
		if _, err := io.ReadFull(random, buf[:]); err != nil {
			return "", fmt.Errorf("django: no randomness for a session key: %w", err)
		}
		for _, b := range buf {
			if int(b) >= limit {
				continue
			}
			key = append(key, keyAlphabet[int(b)%len(keyAlphabet)])
			if len(key) == keyLength {
				return string(key), nil
			}
		}
	}
}

// validKey reports whether a key given by a client is worth looking up: Django's
// _validate_session_key. Whether it counts, the store decides.
func validKey(key string) bool {
	return len(key) >= minKeyLength && utf8.RuneCountInString(key) >= minKeyLength
}
