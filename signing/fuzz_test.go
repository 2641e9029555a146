package signing

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/base62"
	"github.com/djsession/djsession/internal/payload"
)

// FuzzUnsign: what is accepted was signed with the key, and nothing else is.
func FuzzUnsign(f *testing.F) {
	plain := newSigner(f, "Signer", testKey, Options{Salt: "salt"})
	stamped := newSigner(f, "TimestampSigner", testKey, Options{Salt: "salt", Now: at(1700000000)}).(stamped)
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
		if got, err := stamped.TimestampSigner.Unsign(stamped.Sign(text), 0); err != nil || got != text {
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
		if _, aged := stamped.TimestampSigner.Unsign(plain.Sign(text), time.Hour); err != nil && aged != err {
			t.Errorf("%q: %v without a maximal age and %v with one", text, err, aged)
		}
	})
}

func validBase62(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return s != "" && strings.Trim(digits, base62.Digits) == ""
}

// FuzzPayload: whatever somebody with the key has signed is decoded within the bound or refused with one of our errors.
func FuzzPayload(f *testing.F) {
	const bound = 4096
	s := newSigner(f, "TimestampSigner", testKey, Options{Salt: "salt", MaxInflated: bound}).(stamped)
	for _, encoded := range []string{"", ".", "e30", "e30=", ".e30", "a", "a\r\n", ".eJw", "aGV+bG/", "..."} {
		f.Add(encoded)
	}
	for _, size := range []int{12, 100, bound, bound + 1} {
		encoded, err := payload.Append(f.Context(), nil, bytes.Repeat([]byte("session "), size/8), true)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(encoded))
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

// FuzzCookies: a cookie is accepted under the name and the salt that it was signed for.
func FuzzCookies(f *testing.F) {
	const now = 1700000000
	var all []*CookieSigner
	for _, o := range []CookieOptions{{}, {LegacySaltFallback: true}, {WriteLegacySalt: true}, {WriteLegacySalt: true, LegacySaltFallback: true}} {
		o.Now = at(now)
		c := cookieSigner(f, testKey, o)
		all = append(all, c)
		f.Add("theme", "", c.Sign("theme", "", "dark"))
	}
	f.Add("", "", "")
	f.Add("th\u00e9me", "\U0001f600", "a:b")
	f.Add("na", "me", "value:1r31eq:")
	f.Fuzz(func(t *testing.T, name, salt, text string) {
		for i, c := range all {
			signed := c.Sign(name, salt, text)
			if got, err := c.Unsign(name, salt, signed, 0); err != nil || got != text {
				t.Errorf("%d: %q comes back as %q, %v", i, text, got, err)
			}
			if _, err := c.Unsign(name+"x", salt, signed, NoMaxAge); err != ErrSignatureMismatch {
				t.Errorf("%d: accepted under another name: %v", i, err)
			}
			if _, err := c.Unsign(name, salt, signed, -time.Second); err != ErrSignatureExpired {
				t.Errorf("%d: %v, want ErrSignatureExpired", i, err)
			}
			value, err := c.Unsign(name, salt, text, NoMaxAge)
			if err == nil && !strings.HasPrefix(text, value+":") || err != nil && !errors.Is(err, ErrBadSignature) {
				t.Errorf("%d: %q is read as %q, %v", i, text, value, err)
			}
		}
		// Only the older salt lets one pair pass for another. (A salt that is no UTF-8 has no length in Python.)
		if _, last := utf8.DecodeLastRuneInString(salt); last > 0 && utf8.ValidString(salt) {
			for _, other := range [][2]string{
				{name + salt[:1], salt[1:]},
				{salt[len(salt)-last:] + name, salt[:len(salt)-last]},
			} {
				if _, err := all[0].Unsign(other[0], other[1], all[0].Sign(name, salt, text), NoMaxAge); err != ErrSignatureMismatch {
					t.Errorf("the newer salt confuses two pairs: %v", err)
				}
			}
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
		if got, err := s.Unsign(signed, 0); err != nil || got != value {
			t.Errorf("%q with %q comes back as %q, %v", value, separator, got, err)
		}
		if _, err := s.Unsign(value, NoMaxAge); !errors.Is(err, ErrBadSignature) {
			t.Errorf("%q passes unsigned: %v", value, err)
		}
	})
}
