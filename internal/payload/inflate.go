package payload

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"github.com/djsession/djsession/internal/pybase64"
	"github.com/djsession/djsession/internal/pyzlib"
)

// errNoSlot reports a payload that turned out to be large while no slot was free.
var errNoSlot = errors.New("payload: no slot is free")

// inflater decodes and inflates streams, in memory that is kept from one to the next.
type inflater struct {
	stream []byte
	data   []byte  // the result
	small  []byte  // what data is when the payload is small, unless data is that
	large  *[]byte // from largeData; nil unless data is that
	zlib   pyzlib.Inflater
	hold   Hold // the slot, if the payload is large; its owner is the caller
}

var inflaters = sync.Pool{New: func() any { return &inflater{data: make([]byte, 0, 1024)} }}

// largeData has the memory for large payloads, of which few are inflated at once.
var largeData = sync.Pool{New: func() any { return new([]byte) }}

// keptData is the size, in bytes, above which memory for a large payload is not kept.
const keptData = 5 << 20

func (f *inflater) useLargeData() {
	f.large = largeData.Get().(*[]byte)
	f.small, f.data = f.data, append((*f.large)[:0], f.data...)
}

func (f *inflater) release() {
	f.zlib.Reset(nil)
	f.hold = Hold{}
	if f.large != nil {
		if cap(f.data) <= keptData {
			*f.large = f.data
			largeData.Put(f.large)
		}
		f.data, f.small, f.large = f.small, nil, nil
	}
	if cap(f.stream) <= keptBuffer {
		inflaters.Put(f)
	}
}

// decode inflates a stream in base64 into f.data. The error is ErrBase64, ErrZlib, ErrTooLarge or errNoSlot.
func (f *inflater) decode(encoded string, limit int) (err error) {
	if f.stream, err = pybase64.AppendURL(f.stream[:0], encoded); err != nil {
		return ErrBase64
	}
	if err = f.inflate(f.stream, limit); err == pyzlib.ErrZlib {
		return ErrZlib
	}
	return err
}

// inflate inflates a stream into f.data, as Python's zlib.decompress does. The error is pyzlib.ErrZlib or, with more than
// limit bytes, ErrTooLarge.
//
// If there is no slot and the payload turns out to be large, inflate takes a slot for it. If none is free, the error
// is errNoSlot.
func (f *inflater) inflate(stream []byte, limit int) (err error) {
	f.zlib.Reset(stream)
	f.data = f.data[:0]
	if !f.hold.taken {
		f.data, err = f.zlib.Append(f.data, min(limit, Small))
		if err == pyzlib.ErrTooLarge && limit > Small {
			if f.hold = tryTake(); !f.hold.taken {
				return errNoSlot
			}
		}
	}
	if f.hold.taken {
		f.useLargeData()
		f.data, err = f.zlib.Append(f.data, limit)
	}
	if err == pyzlib.ErrTooLarge {
		return ErrTooLarge
	}
	return err
}

// Inflate returns the data of a zlib stream, which the caller owns. The error is pyzlib.ErrZlib, ErrTooLarge (more than
// max bytes), or ctx.Err() if ctx ends while it waits.
func Inflate(ctx context.Context, stream []byte, max int) ([]byte, error) {
	data, hold, err := inflated(ctx, source{stream: stream}, len(stream), max)
	hold.Release()
	return data, err
}

// source is a stream, in base64 if decode is set.
type source struct {
	encoded string
	stream  []byte
	decode  bool
}

// inflated returns the data of a stream, with a slot if it is large. least is how many bytes of data there are at least.
func inflated(ctx context.Context, from source, least, limit int) ([]byte, Hold, error) {
	hold, err := Take(ctx, least)
	if err != nil {
		return nil, hold, err
	}
	data, hold, err := tryInflate(ctx, from, limit, hold)
	if err == errNoSlot {
		// Wait without the memory that the attempt took, then start again.
		if hold, err = Take(ctx, Small+1); err != nil {
			return nil, hold, err
		}
		data, hold, err = tryInflate(ctx, from, limit, hold)
	}
	if err != nil {
		hold.Release()
	}
	return data, hold, err
}

func tryInflate(ctx context.Context, from source, limit int, hold Hold) ([]byte, Hold, error) {
	if err := acquire(ctx, codecs); err != nil {
		return nil, hold, err
	}
	defer func() { <-codecs }()
	f := inflaters.Get().(*inflater)
	defer f.release()
	var err error
	f.hold = hold
	if from.decode {
		err = f.decode(from.encoded, limit)
	} else {
		err = f.inflate(from.stream, limit)
	}
	if err != nil {
		return nil, f.hold, err
	}
	return bytes.Clone(f.data), f.hold, nil
}
