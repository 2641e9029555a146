package signing

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"sync"

	"github.com/djsession/djsession/internal/budget"
	"github.com/djsession/djsession/internal/pybase64"
)

// appendEncoded appends payload in base64, or "." and its compressed form in base64 where that is the shorter by
// Django's rule. If ctx ends while a large payload waits for memory, the error is ctx.Err().
func appendEncoded(ctx context.Context, dst, payload []byte, compress bool) ([]byte, error) {
	if compress && len(payload) > neverCompressed {
		if len(payload) > smallPayload {
			hold, err := budget.Take(ctx, deflaterSize+len(payload))
			if err != nil {
				return dst, err
			}
			defer hold.Release()
		}
		d := deflaters.Get().(*deflater)
		defer deflaters.Put(d)
		if compressed := d.compress(payload); len(compressed) < len(payload)-1 {
			dst = append(dst, '.')
			payload = compressed
		}
	}
	return base64.RawURLEncoding.AppendEncode(dst, payload), nil
}

// smallPayload is the size, in bytes, up to which a payload is inflated without asking whether there is memory, and
// mediumPayload that up to which several are inflated at once.
const (
	smallPayload  = 2 * budget.Small
	mediumPayload = 512 << 10
)

// readingCost returns how many bytes of memory a payload of so many may cost while it is inflated and read.
func readingCost(size int) int { return 8 * min(size, budget.Size) }

// decodePayload reverses appendEncoded, reading as Python does. A large payload has a share in the budget, which the
// caller releases when it is done with the payload. If ctx ends while it waits for that, the error is ctx.Err().
func decodePayload(ctx context.Context, encoded string, maxInflated int) ([]byte, budget.Hold, error) {
	if encoded == "" || encoded[0] != '.' {
		return decodePlain(ctx, encoded)
	}
	encoded = encoded[1:]
	if len(encoded) <= budget.Small {
		payload, err := inflateSmall(encoded, min(maxInflated, smallPayload))
		if err != ErrTooLarge || maxInflated <= smallPayload {
			return payload, budget.Hold{}, err
		}
	}
	if maxInflated > mediumPayload {
		payload, hold, err := inflateLarge(ctx, encoded, mediumPayload)
		if err != ErrTooLarge {
			return payload, hold, err
		}
	}
	return inflateLarge(ctx, encoded, maxInflated)
}

func decodePlain(ctx context.Context, encoded string) ([]byte, budget.Hold, error) {
	size := pybase64.DecodedLen(len(encoded))
	var hold budget.Hold
	var err error
	if len(encoded) > budget.Small {
		if hold, err = budget.Take(ctx, readingCost(size)); err != nil {
			return nil, hold, err
		}
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
	return bytes.Clone(inflated.bytes), nil
}

// inflateLarge decodes the stream piece by piece while it inflates, with a share in the budget for up to limit bytes.
func inflateLarge(ctx context.Context, encoded string, limit int) ([]byte, budget.Hold, error) {
	hold, err := budget.Take(ctx, inflatingCost(encoded)+readingCost(limit))
	if err != nil {
		return nil, hold, err
	}
	inflated := largeBuffers.Get().(*buffer)
	defer inflated.releaseLarge()
	stream, err := openStream(encoded)
	if err == nil {
		inflated.bytes, err = appendInflatedFrom(inflated.bytes[:0], stream, limit)
	}
	if err != nil {
		hold.Release()
		return nil, budget.Hold{}, err
	}
	return bytes.Clone(inflated.bytes), hold, nil
}

// inflatingCost is what inflating takes beside the payload, in bytes: an inflater and a window, and the stream unless it
// is decoded piece by piece.
func inflatingCost(encoded string) int {
	const inflater = 2 * smallPayload
	if isPlain(encoded) {
		return inflater
	}
	return inflater + pybase64.DecodedLen(len(encoded))
}

// payload returns the payload in what was signed, as the caller's own.
func (s *settings) payload(encoded string) ([]byte, error) {
	payload, hold, err := decodePayload(context.Background(), encoded, s.maxInflated)
	hold.Release()
	return payload, err
}

// loads reads the object in what was signed. The share in the budget is given back before the serializer is called, which
// may be the caller's and may call the methods of the caller's types.
func (s *settings) loads(encoded string, into any) error {
	ctx := context.Background()
	target, ours := into.(*budget.Target)
	if ours {
		ctx = target.Context
	}
	payload, hold, err := decodePayload(ctx, encoded, s.maxInflated)
	if err != nil {
		return err
	}
	if ours {
		defer hold.Release()
		return target.Read(payload)
	}
	hold.Release()
	if err := s.serializer.Loads(payload, into); err != nil {
		return fmt.Errorf("signing: read the signed object: %w", err)
	}
	return nil
}

// signObject signs v, or the payload of a budget.Source, by appendSigned, which completes text[start:].
func (s *settings) signObject(v any, compress bool, appendSigned func(text []byte, start int) []byte) (string, error) {
	source, ours := v.(*budget.Source)
	if !ours {
		payload, err := s.serializer.Dumps(v)
		if err != nil {
			return "", fmt.Errorf("signing: serialize the object: %w", err)
		}
		source = &budget.Source{Context: context.Background(), Payload: payload}
	}
	b := newBuffer()
	defer b.release()
	var err error
	if b.bytes, err = appendEncoded(source.Context, b.bytes, source.Payload, compress); err != nil {
		return "", err
	}
	b.bytes = appendSigned(b.bytes, 0)
	return string(b.bytes), nil
}

// buffer is memory for the length of one call. What the caller gets is always a copy.
type buffer struct{ bytes []byte }

// keptBuffer bounds what waits for the next call, in bytes: one huge payload shall not stay in memory.
const keptBuffer = 1 << 20

var buffers = sync.Pool{New: func() any { return &buffer{bytes: make([]byte, 0, 1024)} }}

// largeBuffers has those for large payloads, of which the budget allows few at a time.
var largeBuffers = sync.Pool{New: func() any { return new(buffer) }}

func (b *buffer) releaseLarge() {
	if cap(b.bytes) <= DefaultMaxInflated {
		largeBuffers.Put(b)
	}
}

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
