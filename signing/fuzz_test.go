package signing

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzUnsign: what is accepted was signed with the key, and nothing else is.
func FuzzUnsign(f *testing.F) {
	plain := newSigner(f, "Signer", testKey, Options{Salt: "salt"})
	stamped := newSigner(f, "TimestampSigner", testKey, Options{Salt: "salt", Now: at(1700000000)}).(*TimestampSigner)
	for _, value := range []string{"", "value", "a:b", "value:1r31eq", "value:-", "value:!", "\u00e9:zzzzzzzzzzzzzzz"} {
		f.Add(value)
		f.Add(plain.Sign(value))
		f.Add(stamped.Sign(value))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if value, err := plain.Unsign(text); err == nil {
			if plain.Sign(value) != text {
				t.Errorf("%q was accepted, but %q is what we sign", text, plain.Sign(value))
			}
		} else if !errors.Is(err, ErrBadSignature) || value != "" {
			t.Errorf("%q: %q, %v", text, value, err)
		}
		if got, err := plain.Unsign(plain.Sign(text)); err != nil || got != text {
			t.Errorf("%q comes back as %q, %v", text, got, err)
		}
		if got, err := stamped.UnsignMaxAge(stamped.Sign(text), 0); err != nil || got != text {
			t.Errorf("%q comes back as %q, %v, with a timestamp", text, got, err)
		}
		if _, err := plain.Unsign(plain.Sign(text) + "A"); err != ErrSignatureMismatch {
			t.Errorf("%q with a longer signature: %v", text, err)
		}

		// As the signed part, the text has any value and any timestamp.
		value, err := stamped.Unsign(plain.Sign(text))
		at := strings.LastIndexByte(text, ':')
		switch {
		case err == nil:
			if value != text[:at] || !validBase62(text[at+1:]) {
				t.Errorf("%q: value %q", text, value)
			}
		case err != ErrTimestamp || at >= 0 && validBase62(text[at+1:]):
			t.Errorf("%q: %v", text, err)
		}
		if _, aged := stamped.UnsignMaxAge(plain.Sign(text), time.Hour); err != nil && aged != err {
			t.Errorf("%q: %v without a maximal age and %v with one", text, err, aged)
		}
	})
}

func validBase62(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return s != "" && strings.Trim(digits, base62Digits) == ""
}

// FuzzPayload: whatever somebody with the key has signed is decoded within the bound or refused with one of our errors.
func FuzzPayload(f *testing.F) {
	const bound = 4096
	s := newSigner(f, "TimestampSigner", testKey, Options{Salt: "salt", MaxInflated: bound}).(*TimestampSigner)
	for _, encoded := range []string{"", ".", "e30", "e30=", ".e30", "a", "a\r\n", ".eJw", "aGV+bG/", "..."} {
		f.Add(encoded)
	}
	for _, size := range []int{12, 100, bound, bound + 1} {
		f.Add(string(encodedPayload(f, bytes.Repeat([]byte("session "), size/8))))
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		payload, err := s.Payload(s.Sign(encoded))
		inflated := strings.HasPrefix(encoded, ".")
		switch {
		case err == nil:
			if inflated && len(payload) > bound {
				t.Errorf("%d bytes exceed the bound", len(payload))
			}
			for _, compress := range []bool{false, true} {
				again, err := s.Payload(string(s.AppendPayload(nil, payload, compress)))
				if err != nil && !(err == ErrTooLarge && len(payload) > bound) || err == nil && !bytes.Equal(again, payload) {
					t.Errorf("%q: %q does not come back: %q, %v", encoded, payload, again, err)
				}
			}
		case payload != nil:
			t.Errorf("%q: %q with the error %v", encoded, payload, err)
		case err != ErrBase64 && !(inflated && (err == ErrZlib || err == ErrTooLarge)):
			t.Errorf("%q: %v", encoded, err)
		}
		if payload, err := s.Payload(encoded); err == nil || payload != nil {
			t.Errorf("%q passed without a signature: %q", encoded, payload)
		}
	})
}

// FuzzDecodeBase62 takes math/big as the referee.
func FuzzDecodeBase62(f *testing.F) {
	for _, s := range []string{"", "-", "0", "-0", "--1", "1r31eq", "zzzzzzzzzz", "AzL8n0Y58m7", "AzL8n0Y58m8", "-AzL8n0Y58m8", "-AzL8n0Y58m9", "LygHa16AHYF", "LygHa16AHYG", "+1", "00000000000000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := DecodeBase62(s)
		seconds, ok := base62Seconds(s)
		if !validBase62(s) {
			if err != ErrBase62 || got != 0 || ok {
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
			want.Add(want, big.NewInt(int64(strings.IndexRune(base62Digits, digit))))
		}
		if s[0] == '-' {
			want.Neg(want)
		}
		switch {
		case want.IsInt64() && (err != nil || got != want.Int64()):
			t.Errorf("%q: %d, %v; want %v", s, got, err, want)
		case !want.IsInt64() && (err != ErrBase62 || got != 0):
			t.Errorf("%q: %d, %v; want ErrBase62", s, got, err)
		}
		if err == nil {
			if again, err := DecodeBase62(EncodeBase62(got)); err != nil || again != got {
				t.Errorf("%d comes back as %d, %v", got, again, err)
			}
		}
		if wantSeconds, _ := new(big.Float).SetInt(want).Float64(); !ok || seconds != wantSeconds || math.IsNaN(seconds) {
			t.Errorf("%q: %v seconds, want %v", s, seconds, wantSeconds)
		}
	})
}

// FuzzCookies: a cookie is accepted under the name and the salt that it was signed for.
func FuzzCookies(f *testing.F) {
	const now = 1700000000
	var all []*CookieSigner
	for _, o := range []CookieOptions{{}, {LegacySaltFallback: true}, {WriteLegacySalt: true}, {WriteLegacySalt: true, LegacySaltFallback: true}} {
		o.Now = at(now)
		c, err := NewCookieSigner(testKey, o)
		if err != nil {
			f.Fatal(err)
		}
		all = append(all, c)
		f.Add("theme", "", c.Sign("theme", "", "dark"))
	}
	f.Add("", "", "")
	f.Add("th\u00e9me", "\U0001f600", "a:b")
	f.Add("na", "me", "value:1r31eq:")
	f.Fuzz(func(t *testing.T, name, salt, text string) {
		for _, c := range all {
			signed := c.Sign(name, salt, text)
			if got, err := c.UnsignMaxAge(name, salt, signed, 0); err != nil || got != text {
				t.Errorf("%+v: %q comes back as %q, %v", c.o, text, got, err)
			}
			if _, err := c.Unsign(name+"x", salt, signed); err != ErrSignatureMismatch {
				t.Errorf("%+v: accepted under another name: %v", c.o, err)
			}
			if _, err := c.UnsignMaxAge(name, salt, signed, -time.Second); err != ErrSignatureExpired {
				t.Errorf("%+v: %v, want ErrSignatureExpired", c.o, err)
			}
			value, err := c.Unsign(name, salt, text)
			if err == nil && !strings.HasPrefix(text, value+":") || err != nil && !errors.Is(err, ErrBadSignature) {
				t.Errorf("%+v: %q is read as %q, %v", c.o, text, value, err)
			}
		}
		// Only the older salt lets one pair pass for another. (A salt that is no UTF-8 has no length in Python.)
		if _, last := utf8.DecodeLastRuneInString(salt); last > 0 && utf8.ValidString(salt) {
			for _, other := range [][2]string{
				{name + salt[:1], salt[1:]},
				{salt[len(salt)-last:] + name, salt[:len(salt)-last]},
			} {
				if _, err := all[0].Unsign(other[0], other[1], all[0].Sign(name, salt, text)); err != ErrSignatureMismatch {
					t.Errorf("the newer salt confuses two pairs: %v", err)
				}
			}
		}
	})
}

// A new reader of compress/zlib is the referee of one that is reused and bounded.
func FuzzInflate(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, level := range []int{zlib.HuffmanOnly, zlib.NoCompression, zlib.BestSpeed, zlib.DefaultCompression} {
		for _, size := range []int{0, 20, 300, 3000} {
			f.Add(compressed(f, randomText(r, size), level))
		}
	}
	for _, h := range handMade() {
		f.Add(h.stream)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		const limit = 1 << 16
		got, err := appendInflated(nil, stream, limit)
		if len(got) > limit || cap(got) > limit {
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

// FuzzSeparator has Django's own expression for what separates nothing as the referee.
func FuzzSeparator(f *testing.F) {
	for _, s := range []string{":", "", "a", "-_=", "^`", "\n", ":\n", "a\n", "a\n\n", "::", "\u00e9", "\xff", ".", "$", "Z[", "@", "{"} {
		f.Add(s, "a:b")
	}
	// In Python, $ also matches before a line break at the end.
	unsafe := regexp.MustCompile(`\A[A-z0-9\-_=]*\n?\z`)
	f.Fuzz(func(t *testing.T, separator, value string) {
		s, err := NewTimestampSigner(testKey, Options{Salt: "salt", Separator: separator, Now: at(1700000000)})
		if refused := unsafe.MatchString(separator) || !utf8.ValidString(separator); (err != nil) != (refused && separator != "") {
			t.Fatalf("%q: %v", separator, err)
		}
		if err != nil {
			return
		}
		signed := s.Sign(value)
		if got, err := s.UnsignMaxAge(signed, 0); err != nil || got != value {
			t.Errorf("%q with %q comes back as %q, %v", value, separator, got, err)
		}
		if _, err := s.Unsign(value); !errors.Is(err, ErrBadSignature) {
			t.Errorf("%q passes unsigned: %v", value, err)
		}
	})
}

// FuzzInflateLarge: a payload that was taken for a large one is the same.
func FuzzInflateLarge(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, size := range []int{0, 20, 3000} {
		encoded := base64.RawURLEncoding.EncodeToString(compressed(f, randomText(r, size), zlib.DefaultCompression))
		for _, text := range []string{encoded, encoded + "=", encoded + "==", encoded + "A", encoded[:len(encoded)-1], "\n" + encoded, strings.ReplaceAll(encoded, "-", "+"), encoded + "\u00e9", "=" + encoded} {
			f.Add(text)
		}
	}
	for _, h := range handMade() {
		f.Add(base64.RawURLEncoding.EncodeToString(h.stream))
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		const limit = 4096
		small, smallErr := inflateSmall(encoded, limit)
		large, hold, largeErr := inflateLarge(t.Context(), encoded, limit)
		hold.Release()
		if smallErr != largeErr || !bytes.Equal(small, large) {
			t.Errorf("%q: %d bytes, %v; as a large one %d bytes, %v", encoded, len(small), smallErr, len(large), largeErr)
		}
	})
}
