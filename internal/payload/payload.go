// Package payload turns the serialized bytes in a signed text into base64, compressed or not, and back, as
// django.core.signing does, in bounded memory: however many large payloads arrive at once, it works on a few at a time.
package payload

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/djsession/djsession/internal/pybase64"
	"github.com/djsession/djsession/internal/pyzlib"
)

// The errors of Decode. Package signing exports them.
var (
	ErrBase64   = errors.New("signing: the payload is signed correctly but is not base64: was it signed with Sign instead of SignObject?")
	ErrZlib     = errors.New("signing: the payload is signed correctly but is not a complete zlib stream")
	ErrTooLarge = errors.New("signing: the payload inflates beyond MaxInflated: raise MaxInflated if the payload is genuine")
)

// neverCompressed is the size of the largest payload, in bytes, that zlib cannot make two bytes shorter: a stream has at
// least 9 bytes (2 of header, 18 bits for one symbol and the end, 4 of checksum).
const neverCompressed = 10

// streams has the memory for compressed data.
var streams = sync.Pool{New: func() any { return new([]byte) }}

// signatureRoom is the room, in bytes, that Append leaves for a timestamp and a signature.
const signatureRoom = 64

// Append appends data to dst in base64, or "." and its compressed form in base64 where that is shorter by Django's rule.
// If ctx ends while the data waits to be compressed, the error is ctx.Err().
func Append(ctx context.Context, dst, data []byte, compress bool) ([]byte, error) {
	encoding := base64.RawURLEncoding
	if compress && len(data) > neverCompressed {
		hold, err := Take(ctx, len(data))
		if err != nil {
			return dst, err
		}
		defer hold.Release()
		if err := acquire(ctx, codecs); err != nil {
			return dst, err
		}
		defer func() { <-codecs }()
		room := streams.Get().(*[]byte)
		defer streams.Put(room)
		stream := pyzlib.AppendDeflated((*room)[:0], data)
		if cap(stream) <= keptBuffer {
			*room = stream
		}
		if len(stream) < len(data)-1 {
			dst = slices.Grow(dst, 1+encoding.EncodedLen(len(stream))+signatureRoom)
			return encoding.AppendEncode(append(dst, '.'), stream), nil
		}
	}
	dst = slices.Grow(dst, encoding.EncodedLen(len(data))+signatureRoom)
	return encoding.AppendEncode(dst, data), nil
}

// Decode returns the data in what Append or Django made, reading it as Python does. The caller owns the data, and must
// release the slot that large data comes with. The error is ErrBase64, ErrZlib, ErrTooLarge (more than maxInflated
// bytes), or ctx.Err() if ctx ends while it waits.
func Decode(ctx context.Context, encoded string, maxInflated int) ([]byte, Hold, error) {
	least := 2 * len(encoded) // compressed, it holds more
	if compressed, ok := strings.CutPrefix(encoded, "."); ok {
		return withSlot(ctx, least, func(f *inflater, hold *Hold) error { return f.decode(compressed, maxInflated, hold) })
	}
	hold, err := Take(ctx, least)
	if err != nil {
		return nil, hold, err
	}
	data, err := pybase64.AppendURL([]byte{}, encoded)
	if err != nil {
		hold.Release()
		return nil, hold, ErrBase64
	}
	return data, hold, nil
}

// keptBuffer is the size, in bytes, above which memory is not kept for the next call.
const keptBuffer = 1 << 20
