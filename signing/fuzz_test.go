package signing

import (
	"bytes"
	"errors"
	"math"
	"math/big"
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
		f.Add(string(appendEncoded(nil, bytes.Repeat([]byte("session "), size/8), true)))
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
