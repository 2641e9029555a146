package signing

import (
	"bytes"
	"math"
	"testing"
)

func TestPayloadBelongsToTheCaller(t *testing.T) {
	s := timestampSigner(t, Options{})
	for _, compress := range []bool{false, true} {
		want := cart(20)
		signed := string(s.AppendPayload(nil, want, compress))
		first, err := s.Payload(signed)
		if err != nil {
			t.Fatal(err)
		}
		kept := bytes.Clone(first)
		for range 10 {
			second, err := s.Payload(signed)
			if err != nil {
				t.Fatal(err)
			}
			for i := range second[:cap(second)] {
				second[:cap(second)][i] = 'x'
			}
		}
		if !bytes.Equal(first, kept) || !bytes.Equal(first, want) {
			t.Errorf("compress %v: a later call has changed the payload of an earlier one", compress)
		}
	}
}

func TestAppendPayloadKeepsWhatIsThere(t *testing.T) {
	for _, class := range []string{"Signer", "TimestampSigner"} {
		s := newSigner(t, class, testKey, Options{Now: at(1700000000)})
		for _, compress := range []bool{false, true} {
			payload := cart(20)
			alone := string(s.AppendPayload(nil, payload, compress))
			if got := string(s.AppendPayload([]byte("be:fore"), payload, compress)); got != "be:fore"+alone {
				t.Errorf("%s, compress %v: %q", class, compress, got)
			}
			if (alone[0] == '.') != compress {
				t.Errorf("%s, compress %v: the text begins with %q", class, compress, alone[0])
			}
			if !bytes.Equal(payload, cart(20)) {
				t.Errorf("%s, compress %v: the payload was changed", class, compress)
			}
		}
	}
}

func TestMaxInflated(t *testing.T) {
	payload := bytes.Repeat([]byte("bomb"), 1000)
	for _, class := range []string{"Signer", "TimestampSigner"} {
		for bound, want := range map[int]error{0: nil, 4000: nil, 4001: nil, 3999: ErrTooLarge, 1: ErrTooLarge, math.MaxInt: nil} {
			s := newSigner(t, class, testKey, Options{MaxInflated: bound})
			if _, err := s.Payload(string(s.AppendPayload(nil, payload, true))); err != want {
				t.Errorf("%s, bound %d: %v, want %v", class, bound, err, want)
			}
			if _, err := s.Payload(string(s.AppendPayload(nil, payload, false))); err != nil {
				t.Errorf("%s, bound %d, not compressed: %v", class, bound, err)
			}
		}
	}
	s := timestampSigner(t, Options{})
	for size, want := range map[int]error{DefaultMaxInflated: nil, DefaultMaxInflated + 1: ErrTooLarge} {
		if _, err := s.Payload(string(s.AppendPayload(nil, make([]byte, size), true))); err != want {
			t.Errorf("%d bytes under the default bound: %v, want %v", size, err, want)
		}
	}
}
