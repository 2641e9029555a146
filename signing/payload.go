package signing

import (
	"encoding/base64"
	"fmt"
	"sync"

	"github.com/djsession/djsession/internal/pybase64"
)

// appendEncoded appends payload in base64, or "." and its compressed form in base64 where that is the shorter by
// Django's rule.
func appendEncoded(dst, payload []byte, compress bool) []byte {
	if compress && len(payload) > neverCompressed {
		d := deflaters.Get().(*deflater)
		defer deflaters.Put(d)
		if compressed := d.compress(payload); len(compressed) < len(payload)-1 {
			dst = append(dst, '.')
			payload = compressed
		}
	}
	return base64.RawURLEncoding.AppendEncode(dst, payload)
}

// decodePayload reverses appendEncoded, reading as Python does.
func decodePayload(encoded string, maxInflated int) ([]byte, error) {
	if encoded == "" || encoded[0] != '.' {
		payload, err := pybase64.AppendURL(make([]byte, 0, pybase64.DecodedLen(len(encoded))), encoded)
		if err != nil {
			return nil, ErrBase64
		}
		return payload, nil
	}
	compressed, inflated := newBuffer(), newBuffer()
	defer compressed.release()
	defer inflated.release()

	var err error
	if compressed.bytes, err = pybase64.AppendURL(compressed.bytes, encoded[1:]); err != nil {
		return nil, ErrBase64
	}
	if inflated.bytes, err = appendInflated(inflated.bytes, compressed.bytes, maxInflated); err != nil {
		return nil, err
	}
	return append(make([]byte, 0, len(inflated.bytes)), inflated.bytes...), nil
}

func (s *settings) signObject(v any, compress bool, appendPayload func(dst, payload []byte, compress bool) []byte) (string, error) {
	payload, err := s.serializer.Dumps(v)
	if err != nil {
		return "", fmt.Errorf("signing: serialize the object: %w", err)
	}
	b := newBuffer()
	defer b.release()
	b.bytes = appendPayload(b.bytes, payload, compress)
	return string(b.bytes), nil
}

func (s *settings) loads(payload []byte, into any) error {
	if err := s.serializer.Loads(payload, into); err != nil {
		return fmt.Errorf("signing: read the signed object: %w", err)
	}
	return nil
}

// buffer is memory for the length of one call. What the caller gets is always a copy.
type buffer struct{ bytes []byte }

// keptBuffer bounds what waits for the next call, in bytes: one huge payload shall not stay in memory.
const keptBuffer = 1 << 20

var buffers = sync.Pool{New: func() any { return &buffer{bytes: make([]byte, 0, 1024)} }}

func newBuffer() *buffer {
	b := buffers.Get().(*buffer)
	b.bytes = b.bytes[:0]
	return b
}

func (b *buffer) release() {
	if cap(b.bytes) <= keptBuffer {
		buffers.Put(b)
	}
}
