package signing

import (
	"fmt"
	"strings"
	"testing"
	"time"
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
	s, err := NewTimestampSigner("a-secret-key-of-a-usual-length-0123456789abcdefgh", Options{Salt: "django.contrib.sessions.SessionStore"})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func benchPayloads(b *testing.B, run func(b *testing.B, payload []byte)) {
	for _, lines := range []int{0, 20, 2000} {
		payload := cart(lines)
		b.Run(fmt.Sprintf("%dlines-%dB", lines, len(payload)), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(payload)))
			run(b, payload)
		})
	}
}

func BenchmarkAppendPayload(b *testing.B) {
	s := benchSigner(b)
	benchPayloads(b, func(b *testing.B, payload []byte) {
		var dst []byte
		for b.Loop() {
			dst, _ = s.AppendPayload(b.Context(), dst[:0], payload, true)
		}
	})
}

func BenchmarkPayload(b *testing.B) {
	s := benchSigner(b)
	benchPayloads(b, func(b *testing.B, payload []byte) {
		signed := string(stamped{s}.AppendPayload(nil, payload, true))
		for b.Loop() {
			if _, err := s.Payload(b.Context(), signed, time.Hour); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPayloadParallel(b *testing.B) {
	s := benchSigner(b)
	signed := string(stamped{s}.AppendPayload(nil, cart(0), true))
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
