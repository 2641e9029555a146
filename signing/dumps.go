package signing

import (
	"time"

	"github.com/djsession/djsession/serializer"
)

// dumpsSalt is the default salt of Django's dumps and loads.
const dumpsSalt = "django.core.signing"

// Dumps is django.core.signing.dumps: v as JSON, compressed if compress is set and it helps, in base64, and signed with
// the time. An empty o.Salt means "django.core.signing". The error is that of an unusable key or option, or the
// serializer's.
//
// Dumps, Loads and LoadsMaxAge derive the keys at every call; where that counts, keep a TimestampSigner with that salt.
func Dumps(v any, key string, compress bool, o Options) (string, error) {
	s, err := newDumpsSigner(key, o)
	if err != nil {
		return "", err
	}
	return s.SignObject(v, compress)
}

// Loads is django.core.signing.loads without a max_age: it verifies signed and stores its object in into, a non-nil
// pointer. An empty o.Salt means "django.core.signing". The errors are those of TimestampSigner.UnsignObject, or that of
// an unusable key or option.
func Loads(signed string, into any, key string, o Options) error {
	s, err := newDumpsSigner(key, o)
	if err != nil {
		return err
	}
	return s.UnsignObject(signed, into)
}

// LoadsMaxAge is Loads with Django's max_age argument; see TimestampSigner.
func LoadsMaxAge(signed string, into any, key string, maxAge time.Duration, o Options) error {
	s, err := newDumpsSigner(key, o)
	if err != nil {
		return err
	}
	return s.UnsignObjectMaxAge(signed, into, maxAge)
}

func newDumpsSigner(key string, o Options) (*TimestampSigner, error) {
	if o.Salt == "" {
		o.Salt = dumpsSalt
	}
	return NewTimestampSigner(key, o)
}

// jsonSerializer is Django's JSONSerializer.
type jsonSerializer struct{}

func (jsonSerializer) Dumps(v any) ([]byte, error) {
	value, err := serializer.Encode(v)
	if err != nil {
		return nil, err
	}
	return value.Bytes(), nil
}

func (jsonSerializer) Loads(data []byte, into any) error {
	value, err := serializer.Parse(data)
	if err != nil {
		return err
	}
	return value.Decode(into)
}
