// Package payload turns the serialized bytes in a signed text into base64, compressed or not, and back, as
// django.core.signing does, in bounded memory: however many large payloads arrive at once, it works on a few at a time.
package payload

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"slices"

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
		d := deflaters.Get().(*deflater)
		defer deflaters.Put(d)
		if compressed := d.compress(data); len(compressed) < len(data)-1 {
			dst = slices.Grow(dst, 1+encoding.EncodedLen(len(compressed))+signatureRoom)
			return encoding.AppendEncode(append(dst, '.'), compressed), nil
		}
	}
	dst = slices.Grow(dst, encoding.EncodedLen(len(data))+signatureRoom)
	return encoding.AppendEncode(dst, data), nil
}

// Decode returns the data in what Append or Django made, reading it as Python does. The caller owns the data, and must
// release the slot that large data comes with. The error is ErrBase64, ErrZlib, ErrTooLarge (more than maxInflated
// bytes), or ctx.Err() if ctx ends while it waits.
func Decode(ctx context.Context, encoded string, maxInflated int) ([]byte, Hold, error) {
	hold, err := Take(ctx, 2*len(encoded)) // compressed, it holds more
	if err != nil {
		return nil, hold, err
	}
	data, err := decode(ctx, encoded, maxInflated, &hold)
	if err == errNoSlot {
		// Wait without the memory that the attempt took, then start again.
		if hold, err = Take(ctx, Small+1); err != nil {
			return nil, hold, err
		}
		data, err = decode(ctx, encoded, maxInflated, &hold)
	}
	if err != nil {
		hold.Release()
		return nil, Hold{}, err
	}
	return data, hold, nil
}

// decode takes a slot if the payload turns out to be large; see inflater.
func decode(ctx context.Context, encoded string, maxInflated int, hold *Hold) ([]byte, error) {
	if encoded == "" || encoded[0] != '.' {
		data, err := pybase64.AppendURL([]byte{}, encoded)
		if err != nil {
			return nil, ErrBase64
		}
		return data, nil
	}
	if err := acquire(ctx, codecs); err != nil {
		return nil, err
	}
	defer func() { <-codecs }()
	f := inflaters.Get().(*inflater)
	defer f.release()
	if err := f.decode(encoded[1:], maxInflated, hold); err != nil {
		return nil, err
	}
	return bytes.Clone(f.data), nil
}

// keptBuffer is the size, in bytes, above which memory is not kept for the next call.
const keptBuffer = 1 << 20
