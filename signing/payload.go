package signing

import (
	"encoding/base64"
	"fmt"
	"sync"

	"github.com/djsession/djsession/internal/budget"
	"github.com/djsession/djsession/internal/pybase64"
)

// appendEncoded appends payload in base64, or "." and its compressed form in base64 where that is the shorter by
// Django's rule.
func appendEncoded(dst, payload []byte, compress bool) []byte {
	if compress && len(payload) > neverCompressed {
		if len(payload) > smallPayload {
			defer budget.Take(deflaterSize + len(payload)).Release()
		}
		d := deflaters.Get().(*deflater)
		defer deflaters.Put(d)
		if compressed := d.compress(payload); len(compressed) < len(payload)-1 {
			dst = append(dst, '.')
			payload = compressed
		}
	}
	return base64.RawURLEncoding.AppendEncode(dst, payload)
}

// smallPayload is the size, in bytes, up to which a payload is inflated without asking whether there is memory.
const smallPayload = 2 * budget.Small

// readingCost is how many bytes of memory a byte of a payload may cost while it is inflated and read.
const readingCost = 8

// decodePayload reverses appendEncoded, reading as Python does. A large payload has a share in the budget, which the
// caller releases when it is done with the payload. It is inflated twice then, the first time to learn its size.
func decodePayload(encoded string, maxInflated int) ([]byte, budget.Hold, error) {
	compressed := encoded != "" && encoded[0] == '.'
	switch {
	case len(encoded) > budget.Small && compressed:
		return inflateLarge(encoded[1:], maxInflated)
	case compressed:
		payload, err := inflateSmall(encoded[1:], min(maxInflated, smallPayload))
		if err == ErrTooLarge && maxInflated > smallPayload {
			return inflateLarge(encoded[1:], maxInflated)
		}
		return payload, budget.Hold{}, err
	}
	size := pybase64.DecodedLen(len(encoded))
	var hold budget.Hold
	if len(encoded) > budget.Small {
		hold = budget.Take(readingCost * size)
	}
	payload, err := pybase64.AppendURL(make([]byte, 0, size), encoded)
	if err != nil {
		hold.Release()
		return nil, budget.Hold{}, ErrBase64
	}
	return payload, hold, nil
}

// inflateSmall works in memory that is kept from one call to the next.
func inflateSmall(encoded string, limit int) ([]byte, error) {
	compressed, inflated := newBuffer(), newBuffer()
	defer compressed.release()
	defer inflated.release()

	var err error
	if compressed.bytes, err = pybase64.AppendURL(compressed.bytes, encoded); err != nil {
		return nil, ErrBase64
	}
	if inflated.bytes, err = appendInflated(inflated.bytes, compressed.bytes, limit); err != nil {
		return nil, err
	}
	return append(make([]byte, 0, len(inflated.bytes)), inflated.bytes...), nil
}

// inflateLarge holds no memory while it waits for some.
func inflateLarge(encoded string, limit int) ([]byte, budget.Hold, error) {
	size, err := measure(encoded, limit)
	if err != nil {
		return nil, budget.Hold{}, err
	}
	hold := budget.Take(inflatingCost(encoded) + readingCost*size)
	payload := make([]byte, 0, size)
	stream, err := openStream(encoded)
	if err == nil {
		payload, err = appendInflatedFrom(payload, stream, size)
	}
	if err != nil { // which measure would have said
		hold.Release()
		return nil, budget.Hold{}, err
	}
	return payload, hold, nil
}

// measure returns the size of what encoded inflates to, or that it is more than limit.
func measure(encoded string, limit int) (int, error) {
	defer budget.Take(max(budget.Turn(), inflatingCost(encoded))).Release()
	stream, err := openStream(encoded)
	if err != nil {
		return 0, err
	}
	return inflatedSize(stream, limit)
}

// inflatingCost is what inflating takes beside the payload, in bytes: an inflater and a window; and the stream, unless it
// is decoded piece by piece, which the second of two attempts decodes.
func inflatingCost(encoded string) int {
	const inflater = 2 * smallPayload
	if isPlain(encoded) {
		return inflater
	}
	return inflater + 2*pybase64.DecodedLen(len(encoded))
}

// payload returns the payload in what was signed, as the caller's own.
func (s *settings) payload(encoded string) ([]byte, error) {
	payload, hold, err := decodePayload(encoded, s.maxInflated)
	hold.Release()
	return payload, err
}

// loads reads the object in what was signed.
func (s *settings) loads(encoded string, into any) error {
	payload, hold, err := decodePayload(encoded, s.maxInflated)
	if err != nil {
		return err
	}
	defer hold.Release()
	if err := s.serializer.Loads(payload, into); err != nil {
		return fmt.Errorf("signing: read the signed object: %w", err)
	}
	return nil
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
