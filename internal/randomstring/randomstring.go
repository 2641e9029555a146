// Package randomstring makes random strings as Django does: keys, secrets and salts. All
// characters of the alphabet are equally likely.
package randomstring

import (
	"crypto/rand"
	"io"
)

// Chars is Django's RANDOM_STRING_CHARS.
const Chars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// New returns length characters of Chars. Django's get_random_string.
func New(length int) string {
	text := make([]byte, 0, length)
	for random := [64]byte{}; ; {
		_, _ = rand.Read(random[:]) // never fails
		if text = appendFair(text, random[:], Chars); len(text) == length {
			return string(text)
		}
	}
}

// From returns length characters of an alphabet of at most 256 characters, from the bytes
// of random. The error is random's.
func From(random io.Reader, alphabet string, length int) (string, error) {
	text := make([]byte, 0, length)
	for bytes := make([]byte, length+length/4); ; {
		if _, err := io.ReadFull(random, bytes); err != nil {
			return "", err
		}
		if text = appendFair(text, bytes, alphabet); len(text) == length {
			return string(text), nil
		}
	}
}

// appendFair appends a character per random byte, up to text's capacity. It skips the
// bytes that would make the first characters more likely.
func appendFair(text, random []byte, alphabet string) []byte {
	limit := 256 / len(alphabet) * len(alphabet)
	for _, b := range random {
		if len(text) == cap(text) {
			break
		}
		if int(b) < limit {
			text = append(text, alphabet[int(b)%len(alphabet)])
		}
	}
	return text
}
