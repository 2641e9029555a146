package django_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

// The formats that a text can have, as bits: modern with each of two keys, modern
// with SHA-1, and that before 3.1 with each key.
const (
	byKey = 1 << iota
	byOldKey
	bySHA1
	byPre31
	byOldPre31
)

const fuzzBound = 4096 // of the inflated data, so that bombs are small

// readers are codecs of all kinds, and which of the formats they read.
func readers(t testing.TB) (codecs []*django.Codec, read []int) {
	for _, reader := range []struct {
		version string
		format  django.Format
		older   bool
		read    int
	}{
		{"2.2", 0, false, byPre31},
		{"3.2", 0, false, byKey | bySHA1 | byPre31},
		{"3.2", django.FormatPre31, false, bySHA1 | byPre31},
		{"4.0", 0, false, byKey},
		{"4.2", 0, false, byKey | byOldKey},
		{"6.1", 0, true, byKey | byOldKey | bySHA1 | byPre31 | byOldPre31},
	} {
		codecs = append(codecs, newCodec(t, func(s *django.Settings) {
			s.DjangoVersion, s.SessionFormat, s.ReadOlderFormats = reader.version, reader.format, reader.older
			s.MaxInflated = fuzzBound
			if reader.read&byOldKey != 0 {
				s.SecretKeyFallbacks = []string{"an-older-secret"}
			}
		}))
		read = append(read, reader.read)
	}
	return codecs, read
}

// writers write each of the formats, in the order of their bits.
func writers(t testing.TB) (write []func(payload []byte) string) {
	with := func(version, key string) func([]byte) string {
		c := newCodec(t, func(s *django.Settings) { s.DjangoVersion, s.SecretKey = version, key })
		return func(payload []byte) string {
			text, _ := c.Sign(context.Background(), payload) // without an end there is no error
			return text
		}
	}
	sha1, err := signing.NewTimestampSigner(secretKey, signing.Options{
		Salt: "django.contrib.sessions.SessionStore", Algorithm: signing.SHA1, Now: func() time.Time { return testNow }})
	must(t, err)
	return []func([]byte) string{
		with("6.1", secretKey), with("6.1", "an-older-secret"),
		func(payload []byte) string {
			text, _ := sha1.AppendPayload(context.Background(), nil, payload, true)
			return string(text)
		},
		with("2.2", secretKey), with("2.2", "an-older-secret"),
	}
}

// FuzzDecode decodes a text as it is, and as the payload of a text in some format.
// The decoder gives a dict or an error that says of which kind it is, never both;
// a text in a format that its Django does not read, or of a key that it does not
// know, is refused as corrupt, and any other is read if its payload is a dict.
func FuzzDecode(f *testing.F) {
	codecs, read := readers(f)
	write := writers(f)
	for _, payload := range []string{
		"{}", `{"_auth_user_id":"1","n":[1,1.0,NaN,-Infinity,"\ud800",12345678901234567890]}`,
		`{"a":1,"a":2}`, `{"a":1`, "[]", "null", "", "\xff\x00", ` {"a" : "\u00e9" } `, ".eJyrVkpUslIwrAUAD4YC3A:1abcde:signature",
		strings.Repeat(" ", fuzzBound-2) + "{}", strings.Repeat(" ", fuzzBound-1) + "{}",
	} {
		for i := range len(codecs) * len(write) {
			f.Add(payload, uint8(i))
		}
		for i, sign := range write {
			f.Add(sign([]byte(payload)), uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, text string, which uint8) {
		c, reads := codecs[int(which)%len(codecs)], read[int(which)%len(codecs)]
		d, err := decode(t, c, text)
		if err == nil {
			if same, err := decode(t, c, renew(t, c, text)); err != nil || !sameDict(t, same, d) {
				t.Fatalf("renewed it is another: %v", err)
			}
		}

		want, unreadable := serializer.JSON.Loads([]byte(text))
		format := int(which) / len(codecs) % len(write)
		signed := write[format]([]byte(text))
		d, err = decode(t, c, signed)
		switch {
		case reads>>format&1 == 0:
			if !errors.Is(err, django.ErrCorrupt) {
				t.Fatalf("format %d is read by Django %s: %v", format, c.Settings().DjangoVersion, err)
			}
		case errors.Is(err, signing.ErrTooLarge):
			if len(text) <= fuzzBound {
				t.Fatalf("%d bytes are too large", len(text))
			}
		case unreadable != nil:
			if !errors.Is(err, django.ErrUnreadable) {
				t.Fatalf("no dict, but %v", err)
			}
		case err != nil:
			t.Fatal(err)
		case !sameDict(t, d, want):
			t.Fatalf("format %d: another dict", format)
		}
		if _, err := c.Decode(t.Context(), signed[1:]); err == nil {
			t.Fatal("read without its first character")
		}
	})
}

func decode(t *testing.T, c *django.Codec, text string) (*serializer.Dict, error) {
	t.Helper()
	d, err := c.Decode(t.Context(), text)
	if (d == nil) != (err != nil) {
		t.Fatalf("both or neither: %v, %v", d, err)
	}
	if err != nil {
		if errors.Is(err, django.ErrCorrupt) == errors.Is(err, django.ErrUnreadable) {
			t.Fatalf("of both kinds or of none: %v", err)
		}
		if len(text) > 16 && strings.Contains(err.Error(), text) {
			t.Fatalf("the error repeats the text: %v", err)
		}
		return nil, err
	}
	again, err := c.Encode(t.Context(), d)
	if tooLarge(t, d, err) {
		return d, nil
	}
	if err != nil {
		t.Fatal(err)
	}
	if back, err := c.Decode(t.Context(), again); err != nil || !sameDict(t, back, d) {
		t.Fatalf("written and read again it is another: %v", err)
	}
	return d, nil
}

// tooLarge reports whether err is of data beyond the bound, which is for compressed
// data alone: what was not may be larger, and would be compressed when written again.
func tooLarge(t *testing.T, d *serializer.Dict, err error) bool {
	t.Helper()
	if !errors.Is(err, django.ErrTooLarge) {
		return false
	}
	payload, err := serializer.JSON.Dumps(d)
	if err != nil {
		t.Fatal(err)
	}
	return len(payload) > fuzzBound
}

func sameDict(t *testing.T, a, b *serializer.Dict) bool {
	t.Helper()
	textA, errA := serializer.JSON.Dumps(a)
	textB, errB := serializer.JSON.Dumps(b)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	return bytes.Equal(textA, textB)
}

// FuzzExpiry reads any JSON as the expiry in a session: both ways of putting it
// agree, or both are the error that says so, without the value.
func FuzzExpiry(f *testing.F) {
	for _, expiry := range []string{
		"0", "300", "-1", "1.5", "1e300", "NaN", "true", "null", `""`, "[]", "{}", "[1]", "12345678901234567890", `"2026-03-05T10:00:00+00:00"`,
		`"2026-03-05T10:00:00.123456+05:30"`, `"2026-03-05T10:00:00"`, `"2026-03-05"`, `"2026-03-05T10:00:00Z"`, `"0001-01-01T00:00:00+23:59"`,
		`"9999-12-31T23:59:59.999999-23:59"`, `"2026-03-05T24:00:00+00:00"`, `"2026-02-30T00:00:00+00:00"`, `"nonsense"`, `"2026-03-05\u000010:00+00"`,
	} {
		for which := range uint8(4) {
			f.Add(expiry, which)
		}
	}
	var sites []*django.Sessions
	for _, s := range []struct {
		version, zone string
		useTZ         *bool
	}{{"6.1", "", new(true)}, {"6.1", "America/Chicago", new(false)}, {"6.1", "", nil}, {"2.2", "", new(true)}} {
		settings := testSettings()
		settings.DjangoVersion, settings.TimeZone, settings.UseTZ = s.version, s.zone, s.useTZ
		ss, err := django.New(settings, noStore, django.WithClock(func() time.Time { return testNow }))
		must(f, err)
		sites = append(sites, ss)
	}
	rfc3339 := regexp.MustCompile(`\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?[-+]\d\d:\d\d\z`)
	f.Fuzz(func(t *testing.T, expiry string, which uint8) {
		ss := sites[int(which)%len(sites)]
		s := ss.NewSession()
		if s.Set("_session_expiry", json.RawMessage(expiry)) != nil {
			return
		}
		age, err := s.ExpiryAge()
		date, errDate := s.ExpiryDate()
		if (err == nil) != (errDate == nil) {
			t.Fatalf("%s: the age is %v, %v and the date %v, %v", expiry, age, err, date, errDate)
		}
		value, _ := s.Get("_session_expiry")
		if kind := value.Kind(); s.ExpireAtBrowserClose() && kind != serializer.Int && kind != serializer.Float && string(value.Bytes()) != "false" {
			t.Fatalf("%s ends with the browser", expiry)
		}
		if err != nil {
			if !errors.Is(err, django.ErrExpiry) && !strings.Contains(err.Error(), "TIME_ZONE") || len(expiry) > 8 && strings.Contains(err.Error(), expiry) {
				t.Fatalf("%s: %v", expiry, err)
			}
			return
		}
		if y := date.Year(); y < 0 || y > 10000 || date.Location() != time.UTC {
			t.Fatalf("%s: %v", expiry, date)
		}
		const longest = math.MaxInt64 / int64(time.Second) * int64(time.Second)
		if off := date.Sub(testNow) - age; age < time.Duration(longest) && age > time.Duration(-longest) && off.Abs() > time.Second && which%4 != 1 {
			t.Fatalf("%s: %v is not in %v", expiry, date, age)
		}
		var text string
		if value.Decode(&text) != nil || !rfc3339.MatchString(text) || which%4 != 0 {
			return
		}
		if want, err := time.Parse(time.RFC3339Nano, text); err == nil && !want.Equal(date) {
			t.Fatalf("%s is read as %v", expiry, date)
		}
		if date.Year() < 1 || date.Year() > 9999 {
			return // set by an offset, in which Python has the date
		}
		must(t, s.SetExpiryDate(date))
		if again, err := s.ExpiryDate(); err != nil || !again.Equal(date) {
			t.Fatalf("%v comes back as %v, %v", date, again, err)
		}
	})
}
