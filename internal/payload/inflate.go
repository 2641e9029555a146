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
	data   []byte // the result
	small  []byte // what data is when the payload is small, unless data is that
	zlib   pyzlib.Inflater
}

var inflaters = sync.Pool{New: func() any { return &inflater{data: make([]byte, 0, 1024)} }}

// largeData has the memory for large payloads, of which few are inflated at once.
var largeData = sync.Pool{New: func() any { return new([]byte) }}

// keptData is the size, in bytes, above which memory for a large payload is not kept.
const keptData = 5 << 20

func (f *inflater) useLargeData() {
	f.small, f.data = f.data, append((*largeData.Get().(*[]byte))[:0], f.data...)
}

func (f *inflater) release() {
	f.zlib.Reset(nil)
	if f.small != nil {
		if data := f.data; cap(data) <= keptData {
			largeData.Put(&data)
		}
		f.data, f.small = f.small, nil
	}
	if cap(f.stream) <= keptBuffer {
		inflaters.Put(f)
	}
}

// decode inflates a stream in base64 into f.data. The error is ErrBase64, ErrZlib, ErrTooLarge or errNoSlot.
func (f *inflater) decode(encoded string, limit int, hold *Hold) (err error) {
	if f.stream, err = pybase64.AppendURL(f.stream[:0], encoded); err != nil {
		return ErrBase64
	}
	if err = f.inflate(f.stream, limit, hold); err == pyzlib.ErrZlib {
		return ErrZlib
	}
	return err
}

// inflate inflates a stream into f.data, as Python's zlib.decompress does. The error is pyzlib.ErrZlib or, with more than
// limit bytes, ErrTooLarge.
//
// If hold is not a slot and the payload turns out to be large, inflate takes a slot for it. If none is free, the error
// is errNoSlot.
func (f *inflater) inflate(stream []byte, limit int, hold *Hold) (err error) {
	f.zlib.Reset(stream)
	f.data = f.data[:0]
	if !hold.taken {
		f.data, err = f.zlib.Append(f.data, min(limit, Small))
		if err == pyzlib.ErrTooLarge && limit > Small {
			if *hold = tryTake(); !hold.taken {
				return errNoSlot
			}
		}
	}
	if hold.taken {
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
	data, hold, err := withSlot(ctx, len(stream), func(f *inflater, hold *Hold) error { return f.inflate(stream, max, hold) })
	hold.Release()
	return data, err
}

// withSlot runs inflate, which may take the slot that large data comes with, and returns a copy of the data. least is how
// many bytes there are at least, if that is known.
func withSlot(ctx context.Context, least int, inflate func(f *inflater, hold *Hold) error) ([]byte, Hold, error) {
	hold, err := Take(ctx, least)
	if err != nil {
		return nil, hold, err
	}
	data, err := inflated(ctx, &hold, inflate)
	if err == errNoSlot {
		// Wait without the memory that the attempt took, then start again.
		if hold, err = Take(ctx, Small+1); err != nil {
			return nil, hold, err
		}
		data, err = inflated(ctx, &hold, inflate)
	}
	if err != nil {
		hold.Release()
		return nil, Hold{}, err
	}
	return data, hold, nil
}

func inflated(ctx context.Context, hold *Hold, inflate func(f *inflater, hold *Hold) error) ([]byte, error) {
	if err := acquire(ctx, codecs); err != nil {
		return nil, err
	}
	defer func() { <-codecs }()
	f := inflaters.Get().(*inflater)
	defer f.release()
	if err := inflate(f, hold); err != nil {
		return nil, err
	}
	return bytes.Clone(f.data), nil
}
