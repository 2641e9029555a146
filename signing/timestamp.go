package signing

import (
	"context"
	"math"
	"strings"
	"time"
)

// TimestampSigner is django.core.signing.TimestampSigner: a Signer whose texts carry the second in which they were
// signed. It is immutable and safe for concurrent use.
//
// A method with MaxAge in its name also refuses a text that is older than maxAge, with ErrSignatureExpired. As in Django
// the age is counted from the start of the second of signing and may have a fraction; a text exactly maxAge old is good,
// and one from the future too. So 0 refuses everything that was not signed at this very moment, and a negative maxAge
// all but texts from that far in the future. The methods without MaxAge accept any age.
type TimestampSigner struct{ settings }

// NewTimestampSigner returns a signer for key, the value of SECRET_KEY (as UTF-8 if it is a str, as it stands if it is
// bytes). It refuses an empty key, an unsafe separator and an unknown algorithm.
func NewTimestampSigner(key string, o Options) (*TimestampSigner, error) {
	s, err := o.resolve(key, "django.core.signing.TimestampSigner")
	if err != nil {
		return nil, err
	}
	return &TimestampSigner{s}, nil
}

// Signature returns the signature of value alone, without a timestamp, in URL-safe base64 without padding.
func (s *TimestampSigner) Signature(value string) string { return s.signature(value) }

// Timestamp returns the present second as Sign writes it: Unix time in base62.
func (s *TimestampSigner) Timestamp() string { return string(s.appendTimestamp(nil)) }

// Sign returns value, timestamp and signature, with the separator between them.
func (s *TimestampSigner) Sign(value string) string {
	b := newBuffer()
	defer b.release()
	b.bytes = append(b.bytes, value...)
	b.bytes = s.appendStamped(b.bytes, 0)
	return string(b.bytes)
}

// Unsign returns the value of a text that Sign or Django's sign made with one of the keys. The error is ErrNoSeparator,
// ErrSignatureMismatch or ErrTimestamp.
func (s *TimestampSigner) Unsign(signed string) (string, error) {
	value, _, err := s.open(signed)
	return value, err
}

// UnsignMaxAge is Unsign with Django's max_age argument; see TimestampSigner.
func (s *TimestampSigner) UnsignMaxAge(signed string, maxAge time.Duration) (string, error) {
	value, signedAt, err := s.open(signed)
	if err != nil {
		return "", err
	}
	if err := s.checkAge(signedAt, maxAge); err != nil {
		return "", err
	}
	return value, nil
}

// SignedAt verifies signed and returns the second in which it was signed, in UTC. The errors are Unsign's.
func (s *TimestampSigner) SignedAt(signed string) (time.Time, error) {
	_, stamp, err := s.open(signed)
	if err != nil {
		return time.Time{}, err
	}
	seconds, err := DecodeBase62(stamp)
	if err != nil {
		return time.Time{}, ErrTimestamp
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// SignObject is Django's sign_object, and signing.dumps with the signer's salt: v serialized, compressed if compress is
// set and it helps, in base64, and signed with the time. The error is the serializer's.
func (s *TimestampSigner) SignObject(v any, compress bool) (string, error) {
	return s.signObject(v, compress, s.appendStamped)
}

// UnsignObject is Django's unsign_object, and signing.loads with the signer's salt: it verifies signed and stores its
// object in into, a non-nil pointer. The error is one of Payload's or the serializer's; into is untouched unless it is
// the latter.
func (s *TimestampSigner) UnsignObject(signed string, into any) error {
	encoded, err := s.Unsign(signed)
	if err != nil {
		return err
	}
	return s.loads(encoded, into)
}

// UnsignObjectMaxAge is UnsignObject with Django's max_age argument; see TimestampSigner.
func (s *TimestampSigner) UnsignObjectMaxAge(signed string, into any, maxAge time.Duration) error {
	encoded, err := s.UnsignMaxAge(signed, maxAge)
	if err != nil {
		return err
	}
	return s.loads(encoded, into)
}

// AppendPayload appends to dst what sign_object makes of an already serialized payload. It keeps neither slice.
func (s *TimestampSigner) AppendPayload(dst, payload []byte, compress bool) []byte {
	encoded, _ := appendEncoded(context.Background(), dst, payload, compress) // without an end there is no error
	return s.appendStamped(encoded, len(dst))
}

// Payload verifies signed and returns the serialized payload in it, in fresh memory that the caller owns. The error is
// ErrNoSeparator, ErrSignatureMismatch, ErrTimestamp, ErrBase64, ErrZlib or ErrTooLarge.
func (s *TimestampSigner) Payload(signed string) ([]byte, error) {
	encoded, err := s.Unsign(signed)
	if err != nil {
		return nil, err
	}
	return s.payload(encoded)
}

// PayloadMaxAge is Payload with Django's max_age argument; see TimestampSigner.
func (s *TimestampSigner) PayloadMaxAge(signed string, maxAge time.Duration) ([]byte, error) {
	encoded, err := s.UnsignMaxAge(signed, maxAge)
	if err != nil {
		return nil, err
	}
	return s.payload(encoded)
}

// appendStamped completes text[start:] with timestamp and signature.
func (s *TimestampSigner) appendStamped(text []byte, start int) []byte {
	text = append(text, s.separator...)
	return s.appendSignature(s.appendTimestamp(text), start)
}

func (s *TimestampSigner) appendTimestamp(dst []byte) []byte {
	return appendBase62(dst, int64(unixSeconds(s.now())))
}

// open verifies signed and takes its value and timestamp apart. The timestamp is base62 of whatever size.
func (s *TimestampSigner) open(signed string) (value, stamp string, err error) {
	stamped, err := s.verify(signed)
	if err != nil {
		return "", "", err
	}
	at := strings.LastIndex(stamped, s.separator)
	if at < 0 {
		return "", "", ErrTimestamp
	}
	value, stamp = stamped[:at], stamped[at+len(s.separator):]
	if _, _, ok := splitBase62(stamp); !ok {
		return "", "", ErrTimestamp
	}
	return value, stamp, nil
}

// checkAge compares float64 seconds, as Django does, so that the two agree to the last bit of a fraction.
func (s *TimestampSigner) checkAge(stamp string, maxAge time.Duration) error {
	signedAt, ok := base62Seconds(stamp)
	if !ok || math.IsInf(signedAt, 0) {
		return ErrTimestamp
	}
	if unixSeconds(s.now())-signedAt > maxAge.Seconds() {
		return ErrSignatureExpired
	}
	return nil
}

// unixSeconds is Python's time.time() at t.
func unixSeconds(t time.Time) float64 {
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}
