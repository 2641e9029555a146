package csrf

import (
	"crypto/subtle"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/randomstring"
)

const (
	secretLength = 32               // CSRF_SECRET_LENGTH
	tokenLength  = 2 * secretLength // CSRF_TOKEN_LENGTH: a mask and the masked secret
	alphabet     = randomstring.Chars
)

// positions are those of the characters in the alphabet, -1 of any other.
var positions = func() (p [256]int8) {
	for i := range p {
		p[i] = -1
	}
	for i := range len(alphabet) {
		p[alphabet[i]] = int8(i)
	}
	return p
}()

func newSecret() string { return randomstring.New(secretLength) }

// mask returns a token of the secret, another one each time.
func mask(secret string) string {
	token := make([]byte, 0, tokenLength)
	token = append(token, newSecret()...)
	for i := range secretLength {
		sum := positions[secret[i]] + positions[token[i]]
		token = append(token, alphabet[int(sum)%len(alphabet)])
	}
	return string(token)
}

// stored returns the form in which a secret is stored.
func stored(secret string, masked bool) string {
	if masked {
		return mask(secret)
	}
	return secret
}

// unmask returns the secret of a token of the right length and characters.
func unmask(token string) string {
	secret := make([]byte, secretLength)
	for i := range secret {
		difference := positions[token[secretLength+i]] - positions[token[i]]
		secret[i] = alphabet[(int(difference)+len(alphabet))%len(alphabet)]
	}
	return string(secret)
}

// What is wrong with a text that is no token, in Django's words, to follow what
// it is called.
const (
	incorrectLength   = "has incorrect length"
	invalidCharacters = "has invalid characters"
	incorrect         = "incorrect"
)

// parse returns the secret of a text that is one or is a token of one; else
// problem says what is wrong.
func parse(text string) (secret, problem string) { return parseOf(text, characters(text)) }

// characters is how many characters Python counts in text.
func characters(text string) int { return utf8.RuneCountInString(text) }

func parseOf(text string, characters int) (secret, problem string) {
	if characters != secretLength && characters != tokenLength {
		return "", incorrectLength
	}
	for i := range len(text) {
		if positions[text[i]] < 0 {
			return "", invalidCharacters
		}
	}
	if len(text) == tokenLength {
		return unmask(text), ""
	}
	return text, ""
}

// problemOf says what is wrong with a token of so many characters, which is to be
// of the secret. It is empty if nothing is.
func problemOf(secret, token string, characters int) string {
	given, problem := parseOf(token, characters)
	if problem == "" && !same(given, secret) {
		problem = incorrect
	}
	return problem
}

// same compares secrets in constant time.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
