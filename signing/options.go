package signing

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// DefaultMaxInflated is the default of Options.MaxInflated, in bytes.
const DefaultMaxInflated = 4 << 20

// Options are the arguments of Django's Signer. The zero value is Django's default.
type Options struct {
	// Separator is between value, timestamp and signature; "" means ":". As in Django it needs a character other than
	// A to z (with [\]^_` between the cases), 0-9, "-" and "=".
	Separator string

	// Salt names the purpose of the signature. "" means the dotted path of Django's class,
	// "django.core.signing.Signer" or "django.core.signing.TimestampSigner", and for Dumps and Loads
	// "django.core.signing".
	Salt string

	// Algorithm signs and verifies; "" means SHA256, Django's default since 3.1.
	Algorithm Algorithm

	// LegacyAlgorithm is accepted as well when verifying; "" means none. Django 3.1 and 3.2 accept SHA1 in this way. It
	// also counts for the fallback keys, which those versions do not have.
	LegacyAlgorithm Algorithm

	// FallbackKeys are SECRET_KEY_FALLBACKS (Django 4.1 and later): tried in order when verifying, never used to sign.
	FallbackKeys []string

	// Now is the clock; nil means time.Now. It must be safe for concurrent use.
	Now func() time.Time `json:"-"`

	// MaxInflated is the maximum size of a decompressed payload, in bytes; more is ErrTooLarge. 0 means
	// DefaultMaxInflated.
	//
	// It limits one call. Calls with payloads above 64 KiB also wait for each other, so that few such payloads are
	// decoded at once. The Serializer is called after that.
	MaxInflated int

	// Serializer turns objects into bytes and back; nil means JSON as Django's JSONSerializer writes and reads it.
	Serializer Serializer `json:"-"`
}

// Serializer is what Django calls a serializer class. It must be safe for concurrent use.
type Serializer interface {
	// Dumps returns v serialized.
	Dumps(v any) ([]byte, error)
	// Loads stores what data holds in into, a non-nil pointer. It owns data.
	Loads(data []byte, into any) error
}

// resolve checks o and derives the keys. defaultSalt is used for an empty salt.
func (o Options) resolve(key, defaultSalt string) (core, error) {
	c := core{
		separator:   cmp.Or(o.Separator, ":"),
		now:         o.Now,
		maxInflated: cmp.Or(o.MaxInflated, DefaultMaxInflated),
		serializer:  o.Serializer,
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.serializer == nil {
		c.serializer = jsonSerializer{}
	}
	if unsafeSeparator(c.separator) {
		return c, fmt.Errorf("%w %q: it needs a character other than A-z, 0-9, -, _ and =", ErrSeparator, c.separator)
	}
	if c.maxInflated < 0 {
		return c, errors.New("signing: MaxInflated is negative: give a number of bytes, or 0 for the default")
	}
	if err := checkKeys(key, o.FallbackKeys); err != nil {
		return c, err
	}
	algorithms := []Algorithm{cmp.Or(o.Algorithm, SHA256)}
	if o.LegacyAlgorithm != "" && o.LegacyAlgorithm != algorithms[0] {
		algorithms = append(algorithms, o.LegacyAlgorithm)
	}
	for _, k := range append([]string{key}, o.FallbackKeys...) {
		for _, a := range algorithms {
			mac, err := NewMAC(cmp.Or(o.Salt, defaultSalt)+"signer", k, a)
			if err != nil {
				return c, err
			}
			c.macs = append(c.macs, mac)
		}
	}
	return c, nil
}

func checkKeys(key string, fallbacks []string) error {
	if key == "" {
		return fmt.Errorf("%w: set it to the site's SECRET_KEY", ErrEmptyKey)
	}
	for i, k := range fallbacks {
		if k == "" {
			return fmt.Errorf("%w: fallback key %d is empty: leave it out", ErrEmptyKey, i+1)
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
