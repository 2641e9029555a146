package payload

import (
	"bytes"
	"compress/zlib"
	"sync"
)

// neverCompressed is the size of the largest payload, in bytes, that zlib cannot make two bytes shorter: a stream has at
// least 9 bytes (2 of header, 18 bits for one symbol and the end, 4 of checksum).
const neverCompressed = 10

// deflater is a reusable compressor: making one allocates about 800 KiB.
type deflater struct {
	out    bytes.Buffer
	writer *zlib.Writer
}

var deflaters = sync.Pool{New: func() any {
	d := new(deflater)
	d.writer, _ = zlib.NewWriterLevel(&d.out, 6) // zlib's default, hence Python's; only an unknown level is an error
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
