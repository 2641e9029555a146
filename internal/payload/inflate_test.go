package payload

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/djsession/djsession/internal/pyzlib"
	"github.com/djsession/djsession/internal/testenv"
)

// used has inflated other streams before.
var used struct {
	sync.Mutex
	inflater
}

// inflate returns the data of a stream, as Decode does, whether the inflater is new or was used before.
func inflate(stream []byte, limit int) ([]byte, error) {
	encoded := base64.RawURLEncoding.EncodeToString(stream)
	f := new(inflater)
	err := f.decode(encoded, limit)
	f.hold.Release()
	used.Lock()
	defer used.Unlock()
	if again := used.decode(encoded, limit); again != err || err == nil && !bytes.Equal(used.data, f.data) {
		err = fmt.Errorf("%v, and %v from an inflater that was used before", err, again)
	}
	used.hold.Release()
	if err != nil {
		return nil, err
	}
	return f.data, nil
}

func TestInflateReversesEveryLevel(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 2, 10, 257, 258, 259, 1000, 32767, 32768, 32769, 65535, 65536, 200_000} {
		for level := zlib.HuffmanOnly; level <= zlib.BestCompression; level++ {
			want := testenv.RandomText(r, size)
			stream := testenv.Zlib(t, want, level)
			got, err := inflate(append(stream, "ignored"...), size)
			if err != nil || string(got) != string(want) {
				t.Fatalf("%d bytes at level %d: %d bytes, %v", size, level, len(got), err)
			}
			if size > 0 {
				if got, err := inflate(stream, size-1); err != ErrTooLarge || len(got) != 0 {
					t.Errorf("%d bytes at level %d, bound one lower: %d bytes, %v", size, level, len(got), err)
				}
			}
			for _, cut := range []int{0, 1, 2, 3, len(stream) / 2, len(stream) - 5, len(stream) - 1} {
				if _, err := inflate(stream[:cut], size); err != ErrZlib {
					t.Errorf("%d bytes at level %d, cut to %d of %d: %v", size, level, cut, len(stream), err)
				}
			}
		}
	}
}

// Streams of all shapes that there can be, up to the bound and not beyond, at once and in steps.
func TestInflateRandomStreams(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for range 75 { // with others in each run
		stream, want := randomStream(r, 1+r.IntN(6), 1<<r.IntN(11))
		got, err := inflate(stream, len(want))
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes, %v; want %d: %x", len(got), err, len(want), stream)
		}
		var z pyzlib.Inflater
		z.Reset(stream)
		got, err = nil, pyzlib.ErrTooLarge
		for limit := 0; err == pyzlib.ErrTooLarge && limit < len(want); {
			limit = min(limit+1+r.IntN(400), len(want))
			if got, err = z.Append(got, limit); len(got) > limit || limit-len(got) >= 258 {
				t.Fatalf("%d bytes with a limit of %d", len(got), limit)
			}
		}
		if len(want) > 0 && (err != nil || !bytes.Equal(got, want)) {
			t.Fatalf("%d bytes, %v; want %d, in steps: %x", len(got), err, len(want), stream)
		}
		if _, err := inflate(stream, max(0, len(want)-1-r.IntN(300))); len(want) > 0 && err != ErrTooLarge {
			t.Errorf("%d bytes beyond the bound: %v: %x", len(want), err, stream)
		}
		if _, err := inflate(stream[:r.IntN(len(stream))], len(want)); err != ErrZlib {
			t.Errorf("cut off: %v: %x", err, stream)
		}
	}
}

// A stream that is cut off is damaged, even if what follows would be the byte after the bound.
func TestInflateCutOffAtTheBound(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	for _, size := range []int{1, 2, 11, 148, 600} {
		for level := zlib.HuffmanOnly; level <= zlib.BestCompression; level++ {
			stream := testenv.Zlib(t, testenv.RandomText(r, size), level)
			for cut := range stream {
				if _, err := inflate(stream[:cut], size); err != ErrZlib {
					t.Errorf("%d bytes at level %d, cut to %d of %d: %v", size, level, cut, len(stream), err)
				}
			}
		}
	}
}

// Each verdict is that of Python's zlib.decompress (zlib 1.2.13).
func TestInflateCornerCases(t *testing.T) {
	tests := []struct {
		name, stream string // hex
		want         string
		err          error
	}{
		{name: "empty", stream: "", err: ErrZlib},
		{name: "header only", stream: "789c", err: ErrZlib},
		{name: "no data", stream: "789c030000000001", want: ""},
		{name: "bytes after the end", stream: "789c030000000001ffff", want: ""},
		{name: "checksum cut off", stream: "789c0300000000", err: ErrZlib},
		{name: "wrong checksum", stream: "789c030000000002", err: ErrZlib},
		{name: "wrong header check", stream: "789d030000000001", err: ErrZlib},
		{name: "another method", stream: "7799030000000001", err: ErrZlib},
		{name: "window of 64 KiB", stream: "881c030000000001", err: ErrZlib},
		{name: "window of 256 bytes", stream: "081d030000000001", want: ""},
		{name: "preset dictionary", stream: "78bb00000001030000000001", err: ErrZlib},
		{name: "preset dictionary that is not there", stream: "7820030000000001", err: ErrZlib},
		{name: "reserved block type", stream: "789c070000000001", err: ErrZlib},
		{name: "stored", stream: "789c010100feff6100620062", want: "a"},
		{name: "stored, wrong complement", stream: "789c010100ffff6100620062", err: ErrZlib},
		{name: "stored, cut off", stream: "789c010200fdff61", err: ErrZlib},
		{name: "gzip", stream: "1f8b0800000000000003", err: ErrZlib},
	}
	for _, tt := range tests {
		stream, err := hex.DecodeString(tt.stream)
		if err != nil {
			t.Fatal(err)
		}
		got, err := inflate(stream, 100)
		if err != tt.err || string(got) != tt.want {
			t.Errorf("%s: %q, %v; want %q, %v", tt.name, got, err, tt.want, tt.err)
		}
	}
}

func TestInflateHandMadeStreams(t *testing.T) {
	for _, tt := range handMade() {
		limit := max(1, len(tt.want))
		if tt.err != nil {
			limit = 1 << 20 // a stream that is both wrong and too large may be either
		}
		got, err := inflate(tt.stream, limit)
		want := ""
		if tt.err == nil {
			want = tt.want
		}
		if err != tt.err || string(got) != want {
			t.Errorf("%s: %q, %v; want %q, %v", tt.name, got, err, want, tt.err)
		}
		if _, refereed := referee(tt.stream, 1<<10); (refereed == nil) != (tt.err == nil) {
			t.Errorf("%s: compress/zlib says %v", tt.name, refereed)
		}
	}
}

// The bound holds while inflating: a bomb costs no more memory than the bound allows.
func TestInflateBombStaysWithinTheBound(t *testing.T) {
	bomb := base64.RawURLEncoding.EncodeToString(testenv.Zlib(t, make([]byte, 8<<20), zlib.BestSpeed))
	f := new(inflater)
	const limit = 256 << 10
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	hold, err := Take(t.Context(), limit)
	if err != nil {
		t.Fatal(err)
	}
	f.hold = hold
	err = f.decode(bomb, limit)
	hold.Release()
	runtime.ReadMemStats(&after)
	if err != ErrTooLarge {
		t.Fatalf("%v, want ErrTooLarge", err)
	}
	if cap(f.data) > limit+limit/8 {
		t.Errorf("the buffer has grown to %d bytes, beyond the bound of %d", cap(f.data), limit)
	}
	if spent := after.TotalAlloc - before.TotalAlloc; spent > 2*limit+128<<10 {
		t.Errorf("%d bytes allocated for a bound of %d", spent, limit)
	}
}

func referee(stream []byte, limit int64) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(stream))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, limit+1))
}

func BenchmarkInflate(b *testing.B) {
	for _, lines := range []int{1, 20, 2000} {
		payload := bytes.Repeat([]byte(`{"sku":"SKU-07919","name":"Product number 12","quantity":3,"price":"31.17"},`), lines)
		encoded := "." + base64.RawURLEncoding.EncodeToString(testenv.Zlib(b, payload, 6))
		b.Run(fmt.Sprintf("%dB", len(payload)), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(payload)))
			for b.Loop() {
				_, hold, err := Decode(b.Context(), encoded, 4<<20)
				if err != nil {
					b.Fatal(err)
				}
				hold.Release()
			}
		})
	}
}
