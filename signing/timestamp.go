package signing

import (
	"context"
	"math"
	"time"

	"github.com/djsession/djsession/internal/base62"
)

// NoMaxAge as the maximum age accepts a signature of any age, as Django's max_age=None does.
const NoMaxAge time.Duration = math.MinInt64

// TimestampSigner is django.core.signing.TimestampSigner: a Signer whose texts contain the second in which they were
// signed. It is immutable and safe for concurrent use.
//
// A method with a maxAge rejects a text that is older with ErrSignatureExpired; [NoMaxAge] accepts any age. As in Django
// the age is counted from the start of the second of signing. A text exactly maxAge old is accepted, and so is one from
// the future: 0 rejects all but these, and a negative maxAge accepts only texts from at least that far in the future.
type TimestampSigner struct{ core }

// NewTimestampSigner returns a signer for key, the value of SECRET_KEY (as UTF-8 if it is a str, as it is if it is
// bytes). The error is ErrEmptyKey, ErrSeparator or ErrAlgorithm, or that of a negative MaxInflated.
func NewTimestampSigner(key string, o Options) (*TimestampSigner, error) {
	c, err := o.resolve(key, "django.core.signing.TimestampSigner")
	if err != nil {
		return nil, err
	}
	c.stamped = true
	return &TimestampSigner{c}, nil
}

// Timestamp returns the current second as Sign writes it: Unix time in base62.
func (s *TimestampSigner) Timestamp() string { return string(s.appendTimestamp(nil)) }

// Unsign returns the value of a text that Sign or Django's sign made with one of the keys, at most maxAge ago. The error
// is ErrNoSeparator, ErrSignatureMismatch, ErrTimestamp or ErrSignatureExpired.
func (s *TimestampSigner) Unsign(signed string, maxAge time.Duration) (string, error) {
	value, stamp, err := s.split(signed)
	if err != nil {
		return "", err
	}
	signedAt, err := base62.Float(stamp)
	switch {
	case err != nil, math.IsInf(signedAt, 0) && maxAge != NoMaxAge:
		return "", ErrTimestamp
	case maxAge != NoMaxAge && unixSeconds(s.now())-signedAt > maxAge.Seconds():
		return "", ErrSignatureExpired
	}
	return value, nil
}

// SignedAt verifies signed and returns the second in which it was signed, in UTC. The error is ErrNoSeparator,
// ErrSignatureMismatch or ErrTimestamp.
func (s *TimestampSigner) SignedAt(signed string) (time.Time, error) {
	_, stamp, err := s.split(signed)
	if err != nil {
		return time.Time{}, err
	}
	seconds, err := base62.Decode(stamp)
	if err != nil {
		return time.Time{}, ErrTimestamp
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// UnsignObject is Django's unsign_object, and signing.loads with the signer's salt: it verifies signed and stores its
// object in into, a non-nil pointer. The error is one of Payload's or the serializer's; into is unchanged unless it is
// the latter.
func (s *TimestampSigner) UnsignObject(signed string, into any, maxAge time.Duration) error {
	encoded, err := s.Unsign(signed, maxAge)
	if err != nil {
		return err
	}
	return s.loads(encoded, into)
}

// Payload verifies signed and returns its serialized payload, which the caller owns. The error is one of Unsign's,
// ErrBase64, ErrZlib, ErrTooLarge, or ctx.Err() if ctx ends while a large payload waits for memory.
func (s *TimestampSigner) Payload(ctx context.Context, signed string, maxAge time.Duration) ([]byte, error) {
	encoded, err := s.Unsign(signed, maxAge)
	if err != nil {
		return nil, err
	}
	return s.decode(ctx, encoded)
}

// split verifies signed and separates its value and timestamp.
func (s *TimestampSigner) split(signed string) (value, stamp string, err error) {
	stamped, err := s.verify(signed)
	if err != nil {
		return "", "", err
	}
	value, stamp, found := cutLast(stamped, s.separator)
	if !found {
		return "", "", ErrTimestamp
	}
	return value, stamp, nil
}
