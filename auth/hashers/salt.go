package hashers

import (
	"crypto/rand"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/djversion"
)

const saltAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// soundSalt is the least number of characters that carry 128 bits, Django's salt_entropy.
const soundSalt = 22

// salts is how a version treats salts: from 3.2 on, new ones are longer, and shorter ones
// are outdated.
type salts struct{ sound bool }

func saltsOf(v djversion.Version) salts { return salts{sound: !v.Before(djversion.V3_2)} }

func (s salts) make() string {
	if s.sound {
		return randomString(soundSalt)
	}
	return randomString(12)
}

func (s salts) outdated(salt string) bool { return s.sound && utf8.RuneCountInString(salt) < soundSalt }

// randomString is Django's get_random_string.
func randomString(length int) string {
	// The greatest multiple of the alphabet's length in a byte: what is above would favour
	// the first letters.
	const fair = 256 / len(saltAlphabet) * len(saltAlphabet)
	letters := make([]byte, 0, length)
	var random [64]byte
	for {
		rand.Read(random[:]) // never fails
		for _, b := range random {
			if len(letters) == length {
				return string(letters)
			}
			if int(b) < fair {
				letters = append(letters, saltAlphabet[int(b)%len(saltAlphabet)])
			}
		}
	}
}
