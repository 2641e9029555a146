package signing

import (
	"context"
	"math"
	"testing"
	"time"
)

const testKey = "a key that must not be seen in any message"

// at returns a clock that stands still, at Unix time seconds.
func at(seconds float64) func() time.Time {
	whole, fraction := math.Modf(seconds)
	return func() time.Time { return time.Unix(int64(whole), int64(fraction*1e9)) }
}

func duration(seconds float64) time.Duration {
	return time.Duration(math.Round(seconds * 1e9))
}

// maxAge is the argument for Django's max_age, in seconds or None.
func maxAge(seconds *float64) time.Duration {
	if seconds == nil {
		return NoMaxAge
	}
	return duration(*seconds)
}

// anySigner is a Signer, or a TimestampSigner without a maximum age.
type anySigner interface {
	Signature(value string) string
	Sign(value string) string
	Unsign(signed string) (string, error)
	SignObject(v any, compress bool) (string, error)
	UnsignObject(signed string, into any) error
	AppendPayload(dst, payload []byte, compress bool) []byte
	Payload(signed string) ([]byte, error)
}

type plain struct{ *Signer }

func (s plain) AppendPayload(dst, payload []byte, compress bool) []byte {
	text, _ := s.Signer.AppendPayload(context.Background(), dst, payload, compress)
	return text
}

func (s plain) Payload(signed string) ([]byte, error) {
	return s.Signer.Payload(context.Background(), signed)
}

type stamped struct{ *TimestampSigner }

func (s stamped) Unsign(signed string) (string, error) {
	return s.TimestampSigner.Unsign(signed, NoMaxAge)
}

func (s stamped) UnsignObject(signed string, into any) error {
	return s.TimestampSigner.UnsignObject(signed, into, NoMaxAge)
}

func (s stamped) AppendPayload(dst, payload []byte, compress bool) []byte {
	text, _ := s.TimestampSigner.AppendPayload(context.Background(), dst, payload, compress)
	return text
}

func (s stamped) Payload(signed string) ([]byte, error) {
	return s.TimestampSigner.Payload(context.Background(), signed, NoMaxAge)
}

// newSigner returns a signer of a class of Django's.
func newSigner(t testing.TB, class, key string, o Options) anySigner {
	t.Helper()
	var s anySigner
	var err error
	switch class {
	case "Signer":
		var signer *Signer
		signer, err = NewSigner(key, o)
		s = plain{signer}
	case "TimestampSigner":
		var signer *TimestampSigner
		signer, err = NewTimestampSigner(key, o)
		s = stamped{signer}
	default:
		t.Fatalf("no class %q", class)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func timestampSigner(t testing.TB, o Options) stamped {
	t.Helper()
	return newSigner(t, "TimestampSigner", testKey, o).(stamped)
}

func cookieSigner(t testing.TB, key string, o CookieOptions) *CookieSigner {
	t.Helper()
	c, err := NewCookieSigner(key, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
