package signing

import (
	"fmt"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// cart is the JSON of a session: a login of some 200 bytes, and so many lines in a cart.
func cart(lines int) []byte {
	var b strings.Builder
	b.WriteString(`{"_auth_user_id":"42","_auth_user_backend":"django.contrib.auth.backends.ModelBackend",` +
		`"_auth_user_hash":"9f1c2b7d4e5a6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8","_session_expiry":0`)
	if lines > 0 {
		b.WriteString(`,"cart":[`)
		for i := range lines {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, `{"sku":"SKU-%05d","name":"Product number %d","quantity":%d,"price":"%d.%02d"}`,
				i*7919%100000, i, i%9+1, i*31%200, i*17%100)
		}
		b.WriteByte(']')
	}
	b.WriteByte('}')
	return []byte(b.String())
}

func benchSigner(b *testing.B) *TimestampSigner {
	b.Helper()
	s, err := NewTimestampSigner(testenv.SessionTexts(b)[0].Key, Options{Salt: "django.contrib.sessions.SessionStore"})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// benchTexts runs a benchmark with each text of a real Django's.
func benchTexts(b *testing.B, run func(b *testing.B, text testenv.SessionText)) {
	for _, text := range testenv.SessionTexts(b) {
		b.Run(text.Name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text.Data)))
			run(b, text)
		})
	}
}

func BenchmarkAppendPayload(b *testing.B) {
	s := benchSigner(b)
	benchTexts(b, func(b *testing.B, text testenv.SessionText) {
		var dst []byte
		for b.Loop() {
			dst, _ = s.AppendPayload(b.Context(), dst[:0], text.Data, true)
		}
	})
}

func BenchmarkPayload(b *testing.B) {
	s := benchSigner(b)
	benchTexts(b, func(b *testing.B, text testenv.SessionText) {
		for b.Loop() {
			if _, err := s.Payload(b.Context(), text.Text, NoMaxAge); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkPayloadFloor is what a Payload takes at least: HMAC, base64 and compress/zlib.
func BenchmarkPayloadFloor(b *testing.B) {
	benchTexts(b, func(b *testing.B, text testenv.SessionText) {
		open := text.Floor(b)
		for b.Loop() {
			open()
		}
	})
}

func BenchmarkPayloadParallel(b *testing.B) {
	s := benchSigner(b)
	signed := testenv.SessionTexts(b)[0].Text
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Payload(b.Context(), signed, NoMaxAge); err != nil {
				b.Error(err)
			}
		}
	})
}

func BenchmarkSign(b *testing.B) {
	s := benchSigner(b)
	b.ReportAllocs()
	for b.Loop() {
		s.Sign("someone@example.com")
	}
}

func BenchmarkUnsign(b *testing.B) {
	s := benchSigner(b)
	signed := s.Sign("someone@example.com")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Unsign(signed, NoMaxAge); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCookieUnsign(b *testing.B) {
	c, err := NewCookieSigner("a-secret-key-of-a-usual-length-0123456789abcdefgh", CookieOptions{})
	if err != nil {
		b.Fatal(err)
	}
	signed := c.Sign("theme", "", "dark")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Unsign("theme", "", signed, NoMaxAge); err != nil {
			b.Fatal(err)
		}
	}
}
