package django_test

import (
	"errors"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// FuzzDecode decodes a text, and the text as the signed payload of another. The
// decoder gives a dict or an error that says of which kind it is, never both, and
// what it gives can be written and read again.
func FuzzDecode(f *testing.F) {
	modern := newCodec(f, nil)
	pre31 := newCodec(f, func(s *django.Settings) { s.DjangoVersion = "2.2" })
	every := newCodec(f, func(s *django.Settings) { s.ReadOlderFormats = true })
	for _, payload := range []string{
		"{}", `{"_auth_user_id":"1","n":[1,1.0,NaN,-Infinity,"\ud800",12345678901234567890]}`,
		`{"a":1,"a":2}`, `{"a":1`, "[]", "null", "", "\xff\x00", ` {"a" : "\u00e9" } `,
	} {
		f.Add(payload)
		f.Add(modern.Sign([]byte(payload)))
		f.Add(pre31.Sign([]byte(payload)))
	}
	f.Add(".eJyrVkpUslIwrAUAD4YC3A:1abcde:signature")
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range []*django.Codec{modern, pre31, every} {
			decodeBothWays(t, c, text)
			decodeBothWays(t, c, c.Sign([]byte(text)))
		}
	})
}

func decodeBothWays(t *testing.T, c *django.Codec, text string) {
	d, err := c.Decode(text)
	if (d == nil) != (err != nil) {
		t.Fatalf("both or neither: %v, %v", d, err)
	}
	if err != nil {
		if errors.Is(err, django.ErrCorrupt) == errors.Is(err, django.ErrUnreadable) {
			t.Fatalf("of both kinds or of none: %v", err)
		}
		return
	}
	again, err := c.Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	d2, err := c.Decode(again)
	if err != nil {
		t.Fatal(err)
	}
	want, err1 := serializer.JSON.Dumps(d)
	got, err2 := serializer.JSON.Dumps(d2)
	if err1 != nil || err2 != nil || string(got) != string(want) {
		t.Fatal("written and read again it is another")
	}
}
