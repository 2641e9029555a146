package filecache

import (
	"bytes"
	"math"
	"testing"
	"time"
)

// FuzzSplit: whatever a file holds, splitting it does not fail, the value is the rest of the
// file, and what was split is split alike after it was put together again.
func FuzzSplit(f *testing.F) {
	f.Add([]byte(""))
	f.Add(append(header(time.Unix(1772366400, 250_000_000)), "stream"...))
	f.Add([]byte("\x80\x05\x95\x0a\x00\x00\x00\x00\x00\x00\x00GA\xda\x6d\x2d\xb0\x00\x00\x00.x\x9c"))
	f.Add([]byte("\x80\x02N.x\x9c"))
	f.Add([]byte("G\x7f\xf0\x00\x00\x00\x00\x00\x00."))
	f.Add([]byte("J\xff\xff\xff\xff."))
	f.Fuzz(func(t *testing.T, content []byte) {
		expires, stream, err := split(content)
		if err != nil {
			return
		}
		if !bytes.HasSuffix(content, stream) || len(content)-len(stream) > len(header(expires)) {
			t.Fatalf("the value of %q is %q", content, stream)
		}
		if expires.IsZero() {
			return
		}
		again, rest, err := split(append(header(expires), stream...))
		// A float has 53 bits for the seconds and their fraction.
		if apart := math.Abs(again.Sub(expires).Seconds()); err != nil || !bytes.Equal(rest, stream) || apart > 1e-3 && math.Abs(float64(expires.Unix())) < 1<<40 {
			t.Fatalf("%q expires at %v and then at %v, %v", content, expires, again, err)
		}
	})
}
