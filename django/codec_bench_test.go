package django_test

import (
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/serializer"
)

// eachText runs a benchmark with each text of a real Django's.
func eachText(b *testing.B, run func(b *testing.B, c *django.Codec, s testenv.SessionText)) {
	for _, s := range testenv.SessionTexts(b) {
		b.Run(s.Name, func(b *testing.B) {
			b.SetBytes(int64(len(s.Data)))
			b.ReportAllocs()
			run(b, newCodec(b, func(set *django.Settings) { set.SecretKey = s.Key }), s)
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	eachText(b, func(b *testing.B, c *django.Codec, s testenv.SessionText) {
		for b.Loop() {
			d, err := c.Decode(b.Context(), s.Text)
			if err != nil || !d.Has("_auth_user_id") {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkDecodeFloor is what a Decode takes at least: HMAC, base64 and compress/zlib.
func BenchmarkDecodeFloor(b *testing.B) {
	eachText(b, func(b *testing.B, _ *django.Codec, s testenv.SessionText) {
		open := s.Floor(b)
		for b.Loop() {
			open()
		}
	})
}

// BenchmarkEncode encodes a dict in which one key was set.
func BenchmarkEncode(b *testing.B) {
	eachText(b, func(b *testing.B, c *django.Codec, s testenv.SessionText) {
		d, err := serializer.JSON.Loads(s.Data)
		must(b, err)
		d.Set("seen", value(b, "1"))
		for b.Loop() {
			if _, err := c.Encode(b.Context(), d); err != nil {
				b.Fatal(err)
			}
		}
	})
}
