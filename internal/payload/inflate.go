package payload

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"sync"
)

// errNoSlot reports a payload that needs a slot while none is free.
var errNoSlot = errors.New("payload: no slot is free")

// inflater is a reusable reader of zlib streams.
type inflater struct {
	stream bytes.Reader
	zlib   io.ReadCloser // nil before the first stream with a valid header
}

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// appendInflated appends to dst what Python's zlib.decompress(stream) returns: bytes after the end of the stream are
// ignored; a stream that is cut off, needs a preset dictionary or has a wrong checksum is ErrZlib. More than limit bytes
// are ErrTooLarge. On an error it returns dst with what was inflated, for reuse.
//
// Unless hold is a slot already, it becomes one when the payload turns out to be large. If none is free, the error is
// errNoSlot.
func appendInflated(dst, stream []byte, limit int, hold *Hold) ([]byte, error) {
	f := inflaters.Get().(*inflater)
	defer f.release()
	if !f.reset(stream) {
		return dst, ErrZlib
	}
	start := len(dst)
	for {
		size := len(dst) - start
		if size == smallPayload && !hold.taken {
			var ok bool
			if *hold, ok = tryTake(); !ok {
				return dst, errNoSlot
			}
		}
		// One byte more than allowed shows whether the stream goes on.
		room := limit + 1 - size
		if !hold.taken {
			room = min(room, smallPayload-size)
		}
		if len(dst) == cap(dst) {
			dst = append(make([]byte, 0, len(dst)+min(room, max(512, len(dst)+1))), dst...)
		}
		n, err := f.zlib.Read(dst[len(dst):min(cap(dst), len(dst)+room)])
		dst = dst[:len(dst)+n]
		switch {
		case len(dst)-start > limit:
			return dst, ErrTooLarge
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return dst, ErrZlib
		}
	}
}

// reset prepares to read another stream, and reports whether its header is valid.
func (f *inflater) reset(stream []byte) bool {
	// compress/zlib uses the empty dictionary if the stream asks for its checksum.
	const presetDictionary = 0x20
	if len(stream) < 2 || stream[1]&presetDictionary != 0 {
		return false
	}
	f.stream.Reset(stream)
	if f.zlib != nil {
		return f.zlib.(zlib.Resetter).Reset(&f.stream, nil) == nil
	}
	reader, err := zlib.NewReader(&f.stream)
	if err != nil {
		return false
	}
	f.zlib = reader
	return true
}

func (f *inflater) release() {
	f.stream.Reset(nil)
	inflaters.Put(f)
}
