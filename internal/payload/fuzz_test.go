package payload

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/pybase64"
	"github.com/djsession/djsession/internal/testenv"
)

// A new reader of compress/zlib is the referee of one that is reused and bounded.
func FuzzInflate(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, level := range []int{zlib.HuffmanOnly, zlib.NoCompression, zlib.BestSpeed, zlib.DefaultCompression} {
		for _, size := range []int{0, 20, 300, 3000} {
			f.Add(testenv.Zlib(f, testenv.RandomText(r, size), level))
		}
	}
	for _, h := range handMade() {
		f.Add(h.stream)
	}
	for range 20 {
		stream, _ := randomStream(r, 1+r.IntN(4), 50)
		f.Add(stream)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		const limit = 1 << 16
		got, err := inflate(stream, limit)
		if len(got) > limit {
			t.Fatalf("%d bytes in a buffer of %d, beyond the bound of %d", len(got), cap(got), limit)
		}
		want, wantErr := referee(stream, limit)
		switch {
		case err == nil && (wantErr != nil || !bytes.Equal(got, want)):
			t.Errorf("%d bytes where compress/zlib says %d, %v", len(got), len(want), wantErr)
		case errors.Is(err, ErrZlib) && wantErr == nil:
			t.Errorf("refused where compress/zlib inflates %d bytes", len(want))
		case errors.Is(err, ErrTooLarge) && wantErr == nil && len(want) <= limit:
			t.Errorf("too large where compress/zlib inflates %d bytes", len(want))
		}
	})
}

// FuzzDecode: a payload is what Python's base64 and then zlib make of the text.
func FuzzDecode(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, size := range []int{0, 20, 3000} {
		encoded := base64.RawURLEncoding.EncodeToString(testenv.Zlib(f, testenv.RandomText(r, size), zlib.DefaultCompression))
		for _, text := range []string{encoded, encoded + "=", encoded + "==", encoded + "A", encoded[:len(encoded)-1], "\n" + encoded, strings.ReplaceAll(encoded, "-", "+"), encoded + "\u00e9", "=" + encoded} {
			f.Add(text)
		}
	}
	for _, h := range handMade() {
		f.Add(base64.RawURLEncoding.EncodeToString(h.stream))
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		const limit = 4096
		got, hold, err := Decode(t.Context(), "."+encoded, limit)
		hold.Release()
		stream, want := pybase64.AppendURL(nil, encoded)
		if want != nil {
			stream, want = nil, ErrBase64
		} else {
			stream, want = inflate(stream, limit)
		}
		if err != want || !bytes.Equal(got, stream) {
			t.Errorf("%q: %d bytes, %v; want %d, %v", encoded, len(got), err, len(stream), want)
		}

		got, _, err = Decode(t.Context(), encoded, limit)
		if plain, plainErr := pybase64.AppendURL(nil, encoded); !strings.HasPrefix(encoded, ".") && ((err != nil) != (plainErr != nil) || !bytes.Equal(got, plain)) {
			t.Errorf("%q, not compressed: %q, %v", encoded, got, err)
		}
	})
}
