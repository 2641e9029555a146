package payload

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"math"
	"sync"

	"github.com/djsession/djsession/internal/pybase64"
)

// errNoSlot reports a payload that turned out to be large while no slot was free.
var errNoSlot = errors.New("payload: no slot is free")

// inflater decodes and inflates streams, in memory that is kept from one to the next.
type inflater struct {
	stream []byte
	data   []byte // the result
	small  []byte // what data is when the payload is small, unless data is that
	reader bytes.Reader
	zlib   io.ReadCloser // nil before the first stream with a valid header
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
	f.reader.Reset(nil)
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

// decode inflates a stream in base64 into f.data, as Python's zlib.decompress does: bytes after the end of the stream are
// ignored; a stream that is cut off, needs a preset dictionary or has a wrong checksum is ErrZlib. More than limit bytes
// are ErrTooLarge.
//
// If hold is not a slot and the payload turns out to be large, decode takes a slot for it. If none is free, the error
// is errNoSlot.
func (f *inflater) decode(encoded string, limit int, hold *Hold) (err error) {
	if f.stream, err = pybase64.AppendURL(f.stream[:0], encoded); err != nil {
		return ErrBase64
	}
	if !f.reset() {
		return ErrZlib
	}
	f.data = f.data[:0]
	if hold.taken {
		f.useLargeData()
	}
	for {
		if len(f.data) == Small && !hold.taken {
			if *hold = tryTake(); !hold.taken {
				return errNoSlot
			}
			f.useLargeData()
		}
		data := f.data
		end := min(limit, math.MaxInt-1) + 1 // one byte too many shows that the stream goes on
		if !hold.taken {
			end = min(end, Small)
		}
		if len(data) == cap(data) {
			data = append(make([]byte, 0, min(end, max(512, 2*len(data)+1))), data...)
		}
		n, err := f.zlib.Read(data[len(data):min(cap(data), end)])
		f.data = data[:len(data)+n]
		switch {
		case len(f.data) > limit:
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
