package payload

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"math"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/pyzlib"
	"github.com/djsession/djsession/internal/testenv"
)

func encode(t testing.TB, data []byte, compress bool) string {
	t.Helper()
	encoded, err := Append(t.Context(), nil, data, compress)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func decoded(t testing.TB, encoded string, limit int) ([]byte, error) {
	t.Helper()
	data, hold, err := Decode(t.Context(), encoded, limit)
	hold.Release()
	if len(slots) != 0 {
		t.Error("a slot was not released")
	}
	return data, err
}

// Django compresses only if that saves two bytes or more.
func TestCompressOnlyWhereItHelps(t *testing.T) {
	for size := range 64 {
		payload := bytes.Repeat([]byte("a"), size)
		stream := pyzlib.AppendDeflated(nil, payload)
		encoded := encode(t, payload, true)
		if want := len(stream) < size-1; (len(encoded) > 0 && encoded[0] == '.') != want {
			t.Errorf("%d bytes, %d when compressed: %q", size, len(stream), encoded)
		}
	}
	random := make([]byte, neverCompressed)
	if best := testenv.Zlib(t, random, zlib.BestCompression); len(best) < neverCompressed-1 {
		t.Errorf("neverCompressed is too high: zlib needs %d bytes", len(best))
	}
}

// randomish compresses to about half its size.
func randomish(size int) []byte {
	data := make([]byte, size)
	x := uint32(1)
	for i := range data {
		x = x*1664525 + 1013904223
		data[i] = byte(x>>24) & 0x0f
	}
	return data
}

// A payload is the same whether it needs a slot or not: just below, at and above each bound.
func TestSizesAroundTheBounds(t *testing.T) {
	for _, size := range []int{Small - 1, Small, Small + 1, 100_000, 1 << 20} {
		for _, want := range [][]byte{bytes.Repeat([]byte("a"), size), randomish(size)} {
			for _, compress := range []bool{true, false} {
				got, err := decoded(t, encode(t, want, compress), 4<<20)
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%d bytes, compress %v: %d bytes, %v", size, compress, len(got), err)
				}
			}
			for limit, verdict := range map[int]error{size - 1: ErrTooLarge, size: nil, math.MaxInt - 1: nil, math.MaxInt: nil} {
				if _, err := decoded(t, encode(t, want, true), limit); err != verdict {
					t.Errorf("%d bytes under a bound of %d: %v, want %v", size, limit, err, verdict)
				}
			}
		}
	}
}

// A damaged stream gives the same error whether its text needs a slot or not.
func TestDamagedLongStreams(t *testing.T) {
	stream := testenv.Zlib(t, randomish(200_000), 6)
	encoded := base64.RawURLEncoding.EncodeToString(stream)
	wrongSum := bytes.Clone(stream)
	wrongSum[len(wrongSum)-1] ^= 1
	dictionary := bytes.Clone(stream)
	dictionary[0], dictionary[1] = 0x78, 0xbb
	for name, tt := range map[string]struct {
		encoded string
		want    error
	}{
		"whole":                {encoded, nil},
		"padded":               {encoded + strings.Repeat("=", -len(encoded)&3), nil},
		"foreign characters":   {encoded[:1000] + "\n! \t" + encoded[1000:], nil},
		"bytes after the end":  {base64.RawURLEncoding.EncodeToString(append(bytes.Clone(stream), "more"...)), nil},
		"one character more":   {encoded + strings.Repeat("A", 5-len(encoded)&3), ErrBase64},
		"cut off":              {encoded[:len(encoded)/8*4], ErrZlib},
		"wrong checksum":       {base64.RawURLEncoding.EncodeToString(wrongSum), ErrZlib},
		"a preset dictionary":  {base64.RawURLEncoding.EncodeToString(dictionary), ErrZlib},
		"not a stream":         {strings.Repeat("A", 40_000), ErrZlib},
		"nothing but padding":  {strings.Repeat("=", 40_000), ErrZlib},
		"nothing but one byte": {"AA" + strings.Repeat("!", 40_000), ErrZlib},
	} {
		payload, err := decoded(t, "."+tt.encoded, 4<<20)
		if err != tt.want || err == nil && len(payload) != 200_000 {
			t.Errorf("%s: %d bytes, %v; want %v", name, len(payload), err, tt.want)
		}
	}
}
