package signing

import (
	"bytes"
	"compress/zlib"
	"sync"
)

// neverCompressed is the greatest payload, in bytes, that zlib cannot make two bytes shorter: a stream has 9 bytes at
// least (2 of header, 18 bits for one symbol and the end, 4 of checksum).
const neverCompressed = 10

// deflaterSize is what a compressor takes of memory, in bytes, roughly.
const deflaterSize = 800 << 10

// deflater is a compressor to be used again and again: making one costs deflaterSize.
type deflater struct {
	out    bytes.Buffer
	writer *zlib.Writer
}

var deflaters = sync.Pool{New: func() any {
	d := new(deflater)
	d.writer, _ = zlib.NewWriterLevel(&d.out, 6) // zlib's own default, hence Python's; an error would mean no such level
	return d
}}

// compress returns the zlib stream of data. It is valid until the next call.
func (d *deflater) compress(data []byte) []byte {
	if d.out.Cap() > keptBuffer {
		d.out = bytes.Buffer{}
	}
	d.out.Reset()
	d.writer.Reset(&d.out)
	// Writing to a bytes.Buffer cannot fail.
	d.writer.Write(data)
	d.writer.Close()
	return d.out.Bytes()
}
