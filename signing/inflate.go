package signing

import (
	"bytes"
	"compress/zlib"
	"io"
	"sync"
)

// appendInflated appends to dst what Python's zlib.decompress(stream) returns: bytes after the end of the stream are
// ignored; a stream that is cut off, wants a preset dictionary or has a wrong checksum is ErrZlib. More than limit bytes
// are ErrTooLarge, and no more than that is ever inflated. On an error it returns dst without what was inflated.
func appendInflated(dst, stream []byte, limit int) ([]byte, error) {
	f := inflaters.Get().(*inflater)
	defer f.release()
	f.stream.Reset(stream)
	return f.append(dst, &f.stream, stream, limit)
}

// appendInflatedFrom is appendInflated for a stream in base64.
func appendInflatedFrom(dst []byte, stream *pieces, limit int) ([]byte, error) {
	f := inflaters.Get().(*inflater)
	defer f.release()
	return f.append(dst, stream, stream.next(), limit)
}

func (f *inflater) append(dst []byte, stream io.Reader, begin []byte, limit int) ([]byte, error) {
	start := len(dst)
	if !f.reset(stream, begin) {
		return dst, ErrZlib
	}
	for {
		if len(dst) == cap(dst) {
			if len(dst)-start >= limit {
				return f.end(dst, start)
			}
			dst = append(make([]byte, 0, min(start+limit, max(512, 2*cap(dst)))), dst...)
		}
		n, err := f.zlib.Read(dst[len(dst):min(cap(dst), start+limit)])
		dst = dst[:len(dst)+n]
		switch {
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return dst[:start], ErrZlib
		case len(dst)-start >= limit:
			return f.end(dst, start)
		}
	}
}

// end finds out whether a stream that has filled the bound ends there.
func (f *inflater) end(dst []byte, start int) ([]byte, error) {
	var more [1]byte
	for {
		n, err := f.zlib.Read(more[:])
		switch {
		case n > 0:
			return dst[:start], ErrTooLarge
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return dst[:start], ErrZlib
		}
	}
}

// inflater is a reader of zlib streams, whose window and tables are kept from one to the next.
type inflater struct {
	stream bytes.Reader
	zlib   io.ReadCloser // nil until a first stream had a good header
}

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// reset turns to another stream, which begins so, and reports whether its header is good.
func (f *inflater) reset(stream io.Reader, begin []byte) bool {
	// compress/zlib takes the empty dictionary where its checksum is asked for.
	const presetDictionary = 0x20
	if len(begin) < 2 || begin[1]&presetDictionary != 0 {
		return false
	}
	if f.zlib != nil {
		return f.zlib.(zlib.Resetter).Reset(stream, nil) == nil
	}
	var err error
	f.zlib, err = zlib.NewReader(stream)
	if err != nil {
		f.zlib = nil
	}
	return err == nil
}

func (f *inflater) release() {
	f.stream.Reset(nil)
	inflaters.Put(f)
}
