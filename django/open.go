package django

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"unsafe"

	"github.com/djsession/djsession/internal/payload"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

// opened is a verified text.
type opened struct {
	encoded string       // the data in the modern format
	data    []byte       // the data in the format before 3.1, instead
	hold    payload.Hold // for the data
	current bool         // Sign would use the same key, algorithm and format
}

// open verifies text with each key and algorithm, in each format. The error is like
// Decode's. The caller releases the hold.
func (c *Codec) open(ctx context.Context, text string) (opened, error) {
	var modernErr error
	for i, s := range c.modern {
		encoded, err := s.Unsign(text, signing.NoMaxAge)
		if err == nil {
			return opened{encoded: encoded, current: i == 0 && !c.writesPre31}, nil
		}
		if !errors.Is(err, signing.ErrBadSignature) {
			return opened{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
		modernErr = err
	}
	if c.pre31 == nil {
		return opened{}, fmt.Errorf("%w: %w", ErrCorrupt, modernErr)
	}
	hold, err := payload.Take(ctx, len(text))
	if err != nil {
		return opened{}, err
	}
	data, key, err := c.pre31.unsign(text)
	switch {
	case err != nil:
		err = fmt.Errorf("%w: %w", ErrCorrupt, cmp.Or(modernErr, err))
	case !c.readsPre31:
		err = fmt.Errorf("%w: it is in the format before Django 3.1: to accept that, set ReadOlderFormats", ErrCorrupt)
	default:
		return opened{data: data, hold: hold, current: key == 0 && c.writesPre31}, nil
	}
	hold.Release()
	return opened{}, err
}

// inflate returns the data of a verified text.
func (c *Codec) inflate(ctx context.Context, o *opened) (data []byte, err error) {
	if o.data != nil {
		return o.data, nil
	}
	data, o.hold, err = payload.Decode(ctx, o.encoded, c.maxInflated)
	if err != nil && err != ctx.Err() {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return data, err
}

// textOf returns data, which must not be changed any more, as a string without a copy.
func textOf(data []byte) string { return unsafe.String(unsafe.SliceData(data), len(data)) }

// jsonTexts loads a text without copying it, and appends one to memory that is there.
var jsonTexts = serializer.JSON.(interface {
	LoadsText(text string) (*serializer.Dict, error)
	AppendDumps(dst []byte, d *serializer.Dict) ([]byte, error)
})
