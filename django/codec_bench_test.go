package django_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/djsession/djsession/serializer"
)

// benchPayloads are a login, a small cart and a very large one.
var benchPayloads = []struct{ name, json string }{
	{"login", `{"_auth_user_id":"42","_auth_user_backend":"django.contrib.auth.backends.ModelBackend","_auth_user_hash":"0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9","_language":"en"}`},
	{"cart20", cartJSON(20)},
	{"cart2000", cartJSON(2000)},
}

func cartJSON(lines int) string {
	var b strings.Builder
	b.WriteString(`{"_auth_user_id":"42","cart":[`)
	for i := range lines {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"sku":"SKU-%05d","name":"Product number %d","quantity":%d,"price":%d.%02d}`, i*7919%100000, i, i%9+1, i%97, i*31%100)
	}
	b.WriteString(`]}`)
	return b.String()
}

func BenchmarkDecode(b *testing.B) {
	for _, p := range benchPayloads {
		b.Run(p.name, func(b *testing.B) {
			c := newCodec(b, nil)
			text := sign(b, c, p.json)
			b.SetBytes(int64(len(p.json)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Decode(b.Context(), text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEncode encodes a dict in which one key was set.
func BenchmarkEncode(b *testing.B) {
	for _, p := range benchPayloads {
		b.Run(p.name, func(b *testing.B) {
			c := newCodec(b, nil)
			d, err := serializer.JSON.Loads([]byte(p.json))
			must(b, err)
			d.Set("seen", value(b, "1"))
			b.SetBytes(int64(len(p.json)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Encode(b.Context(), d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
