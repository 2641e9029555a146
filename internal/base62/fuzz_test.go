package base62

import (
	"math"
	"math/big"
	"strings"
	"testing"
)

// FuzzDecode takes math/big as the referee.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", "-", "0", "-0", "--1", "1r31eq", "zzzzzzzzzz", "AzL8n0Y58m7", "AzL8n0Y58m8", "-AzL8n0Y58m8", "-AzL8n0Y58m9", "LygHa16AHYF", "LygHa16AHYG", "+1", "00000000000000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Decode(s)
		seconds, floatErr := Float(s)
		if !valid(s) {
			if err != Err || got != 0 || floatErr != Err {
				t.Errorf("%q: %d, %v", s, got, err)
			}
			return
		}
		if len(s) > 200 {
			return // too long for the referee, and for Python's floats
		}
		want := new(big.Int)
		for _, digit := range strings.TrimPrefix(s, "-") {
			want.Mul(want, big.NewInt(62))
			want.Add(want, big.NewInt(int64(strings.IndexRune(Digits, digit))))
		}
		if s[0] == '-' {
			want.Neg(want)
		}
		switch {
		case want.IsInt64() && (err != nil || got != want.Int64()):
			t.Errorf("%q: %d, %v; want %v", s, got, err, want)
		case !want.IsInt64() && (err != Err || got != 0):
			t.Errorf("%q: %d, %v; want Err", s, got, err)
		}
		if err == nil {
			if again, err := Decode(Encode(got)); err != nil || again != got {
				t.Errorf("%d comes back as %d, %v", got, again, err)
			}
		}
		if wantSeconds, _ := new(big.Float).SetInt(want).Float64(); floatErr != nil || seconds != wantSeconds || math.IsNaN(seconds) {
			t.Errorf("%q: %v seconds, want %v", s, seconds, wantSeconds)
		}
	})
}

func valid(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return s != "" && strings.Trim(digits, Digits) == ""
}
