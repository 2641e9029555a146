package testenv

import (
	"bytes"
	"compress/zlib"
	"math/rand/v2"
	"testing"
)

// Zlib returns data as a zlib stream.
func Zlib(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zlib.NewWriterLevel(&out, level)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(data)
	w.Close()
	return out.Bytes()
}

// RandomText returns text with short and long repetitions, for which a compressor uses
// all kinds of blocks.
func RandomText(r *rand.Rand, size int) []byte {
	alphabet := 1 + r.IntN(256)
	data := make([]byte, 0, size+300)
	for len(data) < size {
		if len(data) > 0 && r.IntN(4) == 0 {
			from := r.IntN(len(data))
			data = append(data, data[from:from+r.IntN(min(300, len(data)-from)+1)]...)
			continue
		}
		data = append(data, byte(r.IntN(1+r.IntN(alphabet))))
	}
	return data[:size]
}
