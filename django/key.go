package django

import (
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/randomstring"
)

const (
	keyLength    = 32
	minKeyLength = 8
	keyAlphabet  = "abcdefghijklmnopqrstuvwxyz0123456789"
)

// newKey makes a session key of 32 characters of a-z and 0-9, each as likely as the other.
// Django's _get_new_session_key.
func newKey(random io.Reader) (string, error) {
	key, err := randomstring.From(random, keyAlphabet, keyLength)
	if err != nil {
		return "", fmt.Errorf("django: no randomness for a session key: %w", err)
	}
	return key, nil
}

// validKey reports whether a client's key can be a session's; the store may know more.
// Django's _validate_session_key.
func validKey(key string) bool {
	return len(key) >= minKeyLength && utf8.RuneCountInString(key) >= minKeyLength
}
