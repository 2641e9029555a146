package payload

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"sync"

	"github.com/djsession/djsession/internal/pybase64"
)

// errNoSlot reports a payload that turned out to be large while no slot was free.
var errNoSlot = errors.New("payload: no slot is free")

// inflater decodes and inflates streams, in memory that is kept from one to the next.
type inflater struct {
	stream []byte
	data   []byte // the result
	reader bytes.Reader
	zlib   io.ReadCloser // nil before the first stream with a valid header
}

var inflaters = sync.Pool{New: func() any { return &inflater{data: make([]byte, 0, 1024)} }}

func (f *inflater) release() {
	f.reader.Reset(nil)
	if cap(f.stream) <= keptBuffer && cap(f.data) <= keptBuffer {
		inflaters.Put(f)
	}
}

// decode inflates a stream in base64 into f.data, as Python's zlib.decompress does: bytes after the end of the stream are
// ignored; a stream that is cut off, needs a preset dictionary or has a wrong checksum is ErrZlib. More than limit bytes
// are ErrTooLarge.
//
// Unless hold is a slot already, it becomes one when the payload turns out to be large. If none is free, the error is
// errNoSlot.
func (f *inflater) decode(encoded string, limit int, hold *Hold) (err error) {
	if f.stream, err = pybase64.AppendURL(f.stream[:0], encoded); err != nil {
		return ErrBase64
	}
	if !f.reset() {
		return ErrZlib
	}
	data := f.data[:0]
	for {
		if len(data) == Small && !hold.taken {
			if *hold = tryTake(); !hold.taken {
				return errNoSlot
			}
		}
		end := limit + 1 // one byte too many shows that the stream goes on
		if !hold.taken {
			end = min(end, Small)
		}
		if len(data) == cap(data) {
			data = append(make([]byte, 0, min(end, max(512, 2*len(data)+1))), data...)
		}
		n, err := f.zlib.Read(data[len(data):min(cap(data), end)])
		data = data[:len(data)+n]
		f.data = data
		switch {
		case len(data) > limit:
			return ErrTooLarge
		case err == io.EOF:
			return nil
		case err != nil:
			return ErrZlib
		}
	}
}

// reset prepares to read f.stream, and reports whether its header is valid.
func (f *inflater) reset() bool {
	// compress/zlib uses the empty dictionary if the stream asks for its checksum.
	const presetDictionary = 0x20
	if len(f.stream) < 2 || f.stream[1]&presetDictionary != 0 {
		return false
	}
	f.reader.Reset(f.stream)
	if f.zlib != nil {
		return f.zlib.(zlib.Resetter).Reset(&f.reader, nil) == nil
	}
	reader, err := zlib.NewReader(&f.reader)
	if err == nil {
		f.zlib = reader
	}
	return err == nil
}
