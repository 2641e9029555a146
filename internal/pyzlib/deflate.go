package pyzlib

import (
	"encoding/binary"
	"sync"

	"github.com/klauspost/compress/flate"
)

// deflater is a reusable compressor: each of its levels takes up to 1 MiB when it is first used.
type deflater struct {
	out                sink
	fast, small, noise level
}

// level is one of the library's levels. Together they store what zlib's level 6 does, Python's default:
//
//   - 6 is three to four times as fast as compress/zlib, which clears 640 KiB for each text. But it looks for no repetitions
//     in a small text, and in noise, such as a token in base64, finds some that cost more than they save, or gives up.
//   - 7 is as slow as compress/zlib.
//   - HuffmanOnly looks for no repetitions. It is fast.
type level struct {
	number int
	writer *flate.Writer
}

var deflaters = sync.Pool{New: func() any {
	return &deflater{fast: level{number: 6}, small: level{number: 7}, noise: level{number: flate.HuffmanOnly}}
}}

// sink is a writer that appends.
type sink []byte

func (s *sink) Write(p []byte) (int, error) {
	*s = append(*s, p...)
	return len(p), nil
}

// Smaller data than small bytes is small. Data of noisy bytes or more that does not shrink to half may be noise; of less, a
// login does not.
const (
	small = 128
	noisy = 512
)

// AppendDeflated appends to dst the zlib stream of data, about as long as zlib.compress(data) is.
func AppendDeflated(dst, data []byte) []byte {
	d := deflaters.Get().(*deflater)
	defer deflaters.Put(d)
	d.out = append(dst, 0x78, 0x9c)
	start := len(d.out)
	if len(data) < small {
		d.small.write(&d.out, data)
	} else {
		d.fast.write(&d.out, data)
		if end := len(d.out); end-start > len(data) || len(data) >= noisy && end-start > len(data)/2 {
			if len(data) < noisy {
				d.small.write(&d.out, data)
			} else {
				d.noise.write(&d.out, data)
			}
			if other := d.out[end:]; len(other) < end-start {
				d.out = append(d.out[:start], other...)
			} else {
				d.out = d.out[:end]
			}
		}
	}
	out := binary.BigEndian.AppendUint32(d.out, adler32(data))
	d.out = nil
	return out
}

func (l *level) write(out *sink, data []byte) {
	if l.writer == nil {
		l.writer, _ = flate.NewWriter(out, l.number) // only an unknown level is an error
	} else {
		l.writer.Reset(out)
	}
	// A sink never fails.
	_, _ = l.writer.Write(data)
	_ = l.writer.Close()
}
