package csrf

import (
	"crypto/subtle"

	"github.com/djsession/djsession/internal/randomstring"
)

const (
	secretLength = 32               // CSRF_SECRET_LENGTH
	tokenLength  = 2 * secretLength // CSRF_TOKEN_LENGTH: a mask and the masked secret
	alphabet     = randomstring.Chars
)

// positions holds the place of each character in the alphabet, from 1; 0 for others.
var positions = func() (p [256]uint8) {
	for i := range len(alphabet) {
		p[alphabet[i]] = uint8(i + 1)
	}
	return p
}()

func newSecret() string { return randomstring.New(secretLength) }

// mask returns a token of the secret, another one each time.
func mask(secret string) string {
	var token [tokenLength]byte
	copy(token[:], newSecret())
	for i := range secretLength {
		sum := int(positions[secret[i]]) + int(positions[token[i]]) - 2
		token[secretLength+i] = alphabet[sum%len(alphabet)]
	}
	return string(token[:])
}

// parse returns the secret of a text of this many characters, which is a secret or a
// token. problem says, in Django's words, what is wrong with any other text.
func parse(text string, characters int) (secret, problem string) {
	if characters != secretLength && characters != tokenLength {
		return "", "has incorrect length"
	}
	for i := range len(text) {
		if positions[text[i]] == 0 {
			return "", "has invalid characters"
		}
	}
	if characters == secretLength {
		return text, ""
	}
	var b [secretLength]byte
	for i := range b {
		difference := int(positions[text[secretLength+i]]) - int(positions[text[i]])
		b[i] = alphabet[(difference+len(alphabet))%len(alphabet)]
	}
	return string(b[:]), ""
}

// compare returns what is wrong with a token of this many characters if it is not of the
// secret, and "" if it is.
func compare(secret, token string, characters int) (problem string) {
	given, problem := parse(token, characters)
	if problem == "" && subtle.ConstantTimeCompare([]byte(given), []byte(secret)) == 0 {
		problem = "incorrect"
	}
	return problem
}
