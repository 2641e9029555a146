package signing

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unsafe"

	"github.com/djsession/djsession/internal/base62"
	"github.com/djsession/djsession/internal/payload"
)

// core is what Signer and TimestampSigner share: the options with their defaults, the derived keys, and how to sign.
type core struct {
	separator   string
	macs        []*MAC // macs[0] signs; each of them verifies
	now         func() time.Time
	maxInflated int
	serializer  Serializer
	stamped     bool // sign with the time
}

// Signature returns the signature of value alone, without a timestamp, in URL-safe base64 without padding.
func (c *core) Signature(value string) string {
	var room [88]byte
	return string(appendSignature(c.macs[0], room[:0], value))
}

// Sign returns value, for a TimestampSigner the time, and the signature, with the separator between them.
func (c *core) Sign(value string) string {
	var room [256]byte
	return string(c.appendSigned(append(room[:0], value...), 0))
}

// SignObject is Django's sign_object, and for a TimestampSigner signing.dumps with the signer's salt: it serializes v,
// compresses it if compress is set and makes it shorter, and signs it in base64. The error is the serializer's.
func (c *core) SignObject(v any, compress bool) (string, error) {
	data, err := c.serializer.Dumps(v)
	if err != nil {
		return "", fmt.Errorf("signing: serialize the object: %w", err)
	}
	text, err := c.AppendPayload(context.Background(), nil, data, compress)
	return unsafe.String(unsafe.SliceData(text), len(text)), err // nothing changes text any more
}

// AppendPayload appends to dst what sign_object returns for serialized data. The error is ctx.Err(), if ctx ends while
// large data waits for memory.
func (c *core) AppendPayload(ctx context.Context, dst, data []byte, compress bool) ([]byte, error) {
	encoded, err := payload.Append(ctx, dst, data, compress)
	if err != nil {
		return dst, err
	}
	return c.appendSigned(encoded, len(dst)), nil
}

// appendSigned completes text[start:], a value, with the time if there is one and the signature.
func (c *core) appendSigned(text []byte, start int) []byte {
	text = append(text, c.separator...)
	end := len(text) - len(c.separator)
	if c.stamped {
		text = c.appendTimestamp(text)
		end = len(text)
		text = append(text, c.separator...)
	}
	return appendSignature(c.macs[0], text, text[start:end])
}

func (c *core) appendTimestamp(dst []byte) []byte {
	return base62.Append(dst, int64(unixSeconds(c.now())))
}

// unixSeconds is Python's time.time() at t. Ages are compared as float64 seconds, as in Django, so that the two agree to
// the last bit of a fraction.
func unixSeconds(t time.Time) float64 {
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}

// verify splits at the last separator, because the value may contain some too.
func (c *core) verify(signed string) (value string, err error) {
	value, signature, found := cutLast(signed, c.separator)
	if !found {
		return "", ErrNoSeparator
	}
	for _, mac := range c.macs {
		if mac.matches(value, signature) {
			return value, nil
		}
	}
	return "", ErrSignatureMismatch
}

func cutLast(s, separator string) (before, after string, found bool) {
	if at := strings.LastIndex(s, separator); at >= 0 {
		return s[:at], s[at+len(separator):], true
	}
	return s, "", false
}

// decode returns the payload in a verified value.
func (c *core) decode(ctx context.Context, encoded string) ([]byte, error) {
	data, hold, err := payload.Decode(ctx, encoded, c.maxInflated)
	hold.Release()
	return data, err
}

// loads stores the object in a verified value in into. No slot is held while the serializer runs: it is the caller's code.
func (c *core) loads(encoded string, into any) error {
	data, err := c.decode(context.Background(), encoded)
	if err != nil {
		return err
	}
	if err := c.serializer.Loads(data, into); err != nil {
		return fmt.Errorf("signing: read the signed object: %w", err)
	}
	return nil
}
