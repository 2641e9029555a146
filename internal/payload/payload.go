// Package payload turns the serialized bytes in a signed text into base64, compressed or not, and back, as
// django.core.signing does, in bounded memory: however many large payloads arrive at once, it works on a few at a time.
package payload

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"sync"

	"github.com/djsession/djsession/internal/pybase64"
)

// The errors of Decode. Package signing exports them.
var (
	ErrBase64   = errors.New("signing: the payload is signed correctly but is not base64: was it signed with Sign instead of SignObject?")
	ErrZlib     = errors.New("signing: the payload is signed correctly but is not a complete zlib stream")
	ErrTooLarge = errors.New("signing: the payload inflates beyond MaxInflated: raise MaxInflated if the payload is genuine")
)

// signatureRoom is the room, in bytes, that Append leaves for a timestamp and a signature.
const signatureRoom = 64

// Append appends data to dst in base64, or "." and its compressed form in base64 where that is shorter by Django's rule.
// If ctx ends while large data waits for a slot, the error is ctx.Err().
func Append(ctx context.Context, dst, data []byte, compress bool) ([]byte, error) {
	if compress && len(data) > neverCompressed {
		if len(data) > smallPayload {
			hold, err := Take(ctx)
			if err != nil {
				return dst, err
			}
			defer hold.Release()
		}
		d := deflaters.Get().(*deflater)
		defer deflaters.Put(d)
		if compressed := d.compress(data); len(compressed) < len(data)-1 {
			dst = slices.Grow(dst, 1+base64.RawURLEncoding.EncodedLen(len(compressed))+signatureRoom)
			return base64.RawURLEncoding.AppendEncode(append(dst, '.'), compressed), nil
		}
	}
	dst = slices.Grow(dst, base64.RawURLEncoding.EncodedLen(len(data))+signatureRoom)
	return base64.RawURLEncoding.AppendEncode(dst, data), nil
}

// Decode returns the data in what Append or Django made, reading it as Python does, in memory that the caller owns. The
// error is ErrBase64, ErrZlib, ErrTooLarge (more than maxInflated bytes), or ctx.Err() if ctx ends while it waits for a
// slot.
//
// Large data comes with a slot, which the caller releases.
func Decode(ctx context.Context, encoded string, maxInflated int) ([]byte, Hold, error) {
	var hold Hold
	var err error
	if len(encoded) > Small {
		if hold, err = Take(ctx); err != nil {
			return nil, hold, err
		}
	}
	data, err := decode(encoded, maxInflated, &hold)
	if err == errNoSlot {
		// Wait without the memory that the attempt took, then start again.
		if hold, err = Take(ctx); err != nil {
			return nil, hold, err
		}
		data, err = decode(encoded, maxInflated, &hold)
	}
	if err != nil {
		hold.Release()
		return nil, Hold{}, err
	}
	return data, hold, nil
}

// decode takes a slot where it needs one; see appendInflated.
func decode(encoded string, maxInflated int, hold *Hold) ([]byte, error) {
	if encoded == "" || encoded[0] != '.' {
		data, err := pybase64.AppendURL([]byte{}, encoded)
		if err != nil {
			return nil, ErrBase64
		}
		return data, nil
	}
	compressed, inflated := newBuffer(), newBuffer()
	defer compressed.release()
	defer inflated.release()
	var err error
	if compressed.bytes, err = pybase64.AppendURL(compressed.bytes, encoded[1:]); err != nil {
		return nil, ErrBase64
	}
	if inflated.bytes, err = appendInflated(inflated.bytes, compressed.bytes, maxInflated, hold); err != nil {
		return nil, err
	}
	return bytes.Clone(inflated.bytes), nil
}

// buffer is memory that one call works in. What the caller gets is always a copy.
type buffer struct{ bytes []byte }

// keptBuffer is the size, in bytes, above which memory is not kept for the next call.
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
