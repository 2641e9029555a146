package compat

import (
	"math/rand/v2"
	"strings"
)

// tokenAlphabet are the characters of secrets and tokens, in Django's order.
const tokenAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

const secretLength = 32

// formSecret returns 32 characters, the same in every run.
func formSecret(random *rand.Rand) string {
	b := make([]byte, secretLength)
	for i := range b {
		b[i] = tokenAlphabet[random.IntN(len(tokenAlphabet))]
	}
	return string(b)
}

// maskedSecret returns a token of a secret, without package csrf, which is under test.
func maskedSecret(random *rand.Rand, secret string) string {
	mask := formSecret(random)
	b := []byte(mask)
	for i := range secretLength {
		n := strings.IndexByte(tokenAlphabet, secret[i]) + strings.IndexByte(tokenAlphabet, mask[i])
		b = append(b, tokenAlphabet[n%len(tokenAlphabet)])
	}
	return string(b)
}

// secretIn returns the secret in a token, or in a cookie that holds a token or a secret, and
// "" if it is invalid.
func secretIn(token string) string {
	if strings.Trim(token, tokenAlphabet) != "" {
		return ""
	}
	switch len(token) {
	case secretLength:
		return token
	case 2 * secretLength:
		b := make([]byte, secretLength)
		for i := range b {
			n := strings.IndexByte(tokenAlphabet, token[secretLength+i]) - strings.IndexByte(tokenAlphabet, token[i])
			b[i] = tokenAlphabet[(n+len(tokenAlphabet))%len(tokenAlphabet)]
		}
		return string(b)
	}
	return ""
}
