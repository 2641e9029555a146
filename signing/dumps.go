package signing

import (
	"cmp"
	"time"

	"github.com/djsession/djsession/serializer"
)

// dumpsSalt is the default salt of Django's dumps and loads.
const dumpsSalt = "django.core.signing"

// Dumps is django.core.signing.dumps: [TimestampSigner.SignObject] with the default salt "django.core.signing". It
// derives the keys on every call. The errors are those of NewTimestampSigner and SignObject.
func Dumps(v any, key string, compress bool, o Options) (string, error) {
	o.Salt = cmp.Or(o.Salt, dumpsSalt)
	s, err := NewTimestampSigner(key, o)
	if err != nil {
		return "", err
	}
	return s.SignObject(v, compress)
}

// Loads is django.core.signing.loads: [TimestampSigner.UnsignObject] with the default salt "django.core.signing". It
// derives the keys on every call. The errors are those of NewTimestampSigner and UnsignObject.
func Loads(signed string, into any, key string, maxAge time.Duration, o Options) error {
	o.Salt = cmp.Or(o.Salt, dumpsSalt)
	s, err := NewTimestampSigner(key, o)
	if err != nil {
		return err
	}
	return s.UnsignObject(signed, into, maxAge)
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
