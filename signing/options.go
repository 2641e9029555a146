package signing

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// DefaultMaxInflated bounds a decompressed payload, in bytes, unless Options say otherwise.
const DefaultMaxInflated = 4 << 20

// Options are the arguments of Django's Signer. The zero value is Django's default.
type Options struct {
	// Separator stands between value, timestamp and signature; "" means ":". Django refuses one made only of
	// characters that values and signatures hold themselves, A to z (with [\]^_` between the cases), 0-9, "-" and
	// "=", and so do the constructors.
	Separator string

	// Salt names the purpose of the signature. "" means the dotted path of Django's class,
	// "django.core.signing.Signer" or "django.core.signing.TimestampSigner", and for Dumps and Loads
	// "django.core.signing".
	Salt string

	// Algorithm signs and verifies; "" means SHA256, Django's default since 3.1.
	Algorithm Algorithm

	// LegacyAlgorithm is accepted as well when verifying; "" means none. Django 3.1 and 3.2 accept SHA1 like that, with
	// the same key and salt. Here it counts for the fallback keys too, which those versions have not.
	LegacyAlgorithm Algorithm

	// FallbackKeys are SECRET_KEY_FALLBACKS (Django 4.1 and later): tried in order when verifying, never for signing.
	// An empty one is refused.
	FallbackKeys []string

	// Now is the clock; nil means time.Now. It must be safe for concurrent use.
	Now func() time.Time

	// MaxInflated bounds a decompressed payload, in bytes: a longer one is ErrTooLarge, and is not inflated any
	// further. 0 means DefaultMaxInflated; a negative one is refused.
	//
	// It bounds one call. All calls together decode large texts (those above 32 KiB, or with a payload above 64 KiB) in
	// 16 MiB of memory, and wait for each other for the milliseconds that this takes; the Serializer is called after
	// that. What is read of a payload is the caller's: an any above all may take many times the payload's size.
	MaxInflated int

	// Serializer turns objects into bytes and back; nil means JSON as Django's JSONSerializer writes and reads it.
	Serializer Serializer
}

// Serializer is what Django calls a serializer class. It must be safe for concurrent use.
type Serializer interface {
	// Dumps returns v serialized.
	Dumps(v any) ([]byte, error)
	// Loads stores what data holds in into, a non-nil pointer. It owns data.
	Loads(data []byte, into any) error
}

// settings are Options with every default filled in, and the keys derived.
type settings struct {
	separator   string
	macs        []*MAC // macs[0] signs; each of them verifies
	now         func() time.Time
	maxInflated int
	serializer  Serializer
}

// resolve checks o and derives the keys. defaultSalt stands in for an empty one.
func (o Options) resolve(key, defaultSalt string) (settings, error) {
	s := settings{separator: o.Separator, now: o.Now, maxInflated: o.MaxInflated, serializer: o.Serializer}
	if s.separator == "" {
		s.separator = ":"
	}
	if unsafeSeparator(s.separator) {
		return s, fmt.Errorf("signing: unsafe separator %q: it needs a character other than A-z, 0-9, -, _ and =", s.separator)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.maxInflated == 0 {
		s.maxInflated = DefaultMaxInflated
	}
	if s.maxInflated < 0 {
		return s, errors.New("signing: MaxInflated is negative; give a number of bytes, or 0 for the default")
	}
	if s.serializer == nil {
		s.serializer = jsonSerializer{}
	}
	salt := o.Salt
	if salt == "" {
		salt = defaultSalt
	}
	algorithm := o.Algorithm
	if algorithm == "" {
		algorithm = SHA256
	}
	algorithms := []Algorithm{algorithm}
	if o.LegacyAlgorithm != "" && o.LegacyAlgorithm != algorithm {
		algorithms = append(algorithms, o.LegacyAlgorithm)
	}
	if err := checkKeys(key, o.FallbackKeys); err != nil {
		return s, err
	}
	for _, k := range append([]string{key}, o.FallbackKeys...) {
		for _, a := range algorithms {
			mac, err := NewMAC(salt+"signer", k, a)
			if err != nil {
				return s, err
			}
			s.macs = append(s.macs, mac)
		}
	}
	return s, nil
}

// checkKeys refuses keys that are known to everybody.
func checkKeys(key string, fallbacks []string) error {
	if key == "" {
		return errors.New("signing: the key is empty; give it the value of the site's SECRET_KEY")
	}
	for i, k := range fallbacks {
		if k == "" {
			return fmt.Errorf("signing: fallback key %d is empty; leave it out", i+1)
		}
	}
	return nil
}

// unsafeSeparator follows Django's test ^[A-z0-9-_=]*$, in which $ also matches before a final line break. A separator
// that is not UTF-8 has no counterpart in Python, and could split a character of the value.
func unsafeSeparator(separator string) bool {
	if !utf8.ValidString(separator) {
		return true
	}
	separator = strings.TrimSuffix(separator, "\n")
	return !strings.ContainsFunc(separator, func(r rune) bool {
		safe := r >= 'A' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '='
		return !safe
	})
}
