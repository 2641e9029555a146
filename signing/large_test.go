package signing

import (
	"bytes"
	"encoding/base64"
	"strings"
	"sync"
	"testing"
)

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

// What inflates to more than fits the small way is the same in the end: just below, at and above each bound.
func TestSizesAroundTheBounds(t *testing.T) {
	s := timestampSigner(t, Options{})
	for _, size := range []int{smallPayload - 1, smallPayload, smallPayload + 1, 100_000, mediumPayload, mediumPayload + 1, 2 * mediumPayload} {
		for _, want := range [][]byte{bytes.Repeat([]byte("a"), size), randomish(size)} {
			for _, compress := range []bool{true, false} {
				got, err := s.Payload(string(s.AppendPayload(nil, want, compress)))
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%d bytes, compress %v: %d bytes, %v", size, compress, len(got), err)
				}
			}
			for limit, verdict := range map[int]error{size - 1: ErrTooLarge, size: nil} {
				bounded := timestampSigner(t, Options{MaxInflated: limit})
				if _, err := bounded.Payload(string(s.AppendPayload(nil, want, true))); err != verdict {
					t.Errorf("%d bytes under a bound of %d: %v, want %v", size, limit, err, verdict)
				}
			}
		}
	}
}

// Damaged streams that are long enough to be read piece by piece have the errors of short ones.
func TestDamagedLongStreams(t *testing.T) {
	plain, err := NewSigner(testKey, Options{})
	if err != nil {
		t.Fatal(err)
	}
	stream := compressed(t, randomish(200_000), 6)
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
		payload, err := plain.Payload(plain.Sign("." + tt.encoded))
		if err != tt.want || err == nil && len(payload) != 200_000 {
			t.Errorf("%s: %d bytes, %v; want %v", name, len(payload), err, tt.want)
		}
	}
}

// slow is read for as long as its test wants.
type slow struct{ reading, done chan struct{} }

func (s slow) UnmarshalJSON([]byte) error {
	s.reading <- struct{}{}
	<-s.done
	return nil
}

// However long the caller's code takes to read a large object, others go on.
func TestCallersCodeDelaysNobody(t *testing.T) {
	s := timestampSigner(t, Options{})
	sign := func(v string) string {
		signed, err := s.SignObject(v, true)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	huge := sign(strings.Repeat("x", DefaultMaxInflated-2))
	readers := slow{make(chan struct{}), make(chan struct{})}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if err := s.UnsignObject(huge, &readers); err != nil {
				t.Error(err)
			}
		})
	}
	for range 10 {
		<-readers.reading // all at once
	}
	for _, size := range []int{smallPayload, mediumPayload / 2, DefaultMaxInflated - 2} {
		var text string
		if err := s.UnsignObject(sign(strings.Repeat("x", size)), &text); err != nil || len(text) != size {
			t.Errorf("%d bytes: %d bytes, %v", size, len(text), err)
		}
	}
	close(readers.done)
	all.Wait()
}
