package django_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/payload"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

// A codec with a salt reads and writes what signing.dumps and signing.loads do, with the site's keys, in the algorithm
// of its Django.
func TestCodecWithSalt(t *testing.T) {
	const salt = "django.contrib.sessions.backends.signed_cookies"
	data, err := serializer.JSON.Loads([]byte(`{"a":1}`))
	must(t, err)
	for _, tt := range []struct {
		version string
		format  django.Format
		older   bool
		writes  signing.Algorithm
		reads   []signing.Algorithm
	}{
		{"2.2", 0, false, signing.SHA1, []signing.Algorithm{signing.SHA1}},
		{"3.2", 0, false, signing.SHA256, []signing.Algorithm{signing.SHA256, signing.SHA1}},
		{"3.2", django.FormatPre31, false, signing.SHA1, []signing.Algorithm{signing.SHA1}},
		{"3.2", django.FormatPre31, true, signing.SHA1, []signing.Algorithm{signing.SHA1, signing.SHA256}},
		{"5.2", 0, false, signing.SHA256, []signing.Algorithm{signing.SHA256}},
		{"6.1", 0, true, signing.SHA256, []signing.Algorithm{signing.SHA256, signing.SHA1}},
	} {
		site := newCodec(t, func(s *django.Settings) {
			s.DjangoVersion, s.SessionFormat, s.ReadOlderFormats = tt.version, tt.format, tt.older
			s.SecretKeyFallbacks = []string{"old"}
		})
		c, err := site.WithSalt(salt)
		must(t, err)
		options := func(a signing.Algorithm) signing.Options {
			return signing.Options{Salt: salt, Algorithm: a, Now: func() time.Time { return testNow }}
		}

		text, err := c.Encode(t.Context(), data)
		must(t, err)
		var read map[string]int
		if err := signing.Loads(text, &read, secretKey, time.Minute, options(tt.writes)); err != nil || read["a"] != 1 {
			t.Errorf("Django %s: Loads: %v, %v", tt.version, read, err)
		}
		if dumped, err := signing.Dumps(json.RawMessage(`{"a":1}`), secretKey, true, options(tt.writes)); err != nil || dumped != text {
			t.Errorf("Django %s: Dumps writes %s, Encode %s", tt.version, dumped, text)
		}
		check(t, "the renewed text", renew(t, c, text), text)

		for _, a := range []signing.Algorithm{signing.SHA1, signing.SHA256} {
			for key, known := range map[string]bool{secretKey: true, "old": tt.version > "4", "other": false} {
				dumped, err := signing.Dumps(json.RawMessage(`{"a":1}`), key, true, options(a))
				must(t, err)
				want := known && strings.Contains(string(tt.reads[0]+tt.reads[len(tt.reads)-1]), string(a))
				if _, err := c.Decode(t.Context(), dumped); (err == nil) != want || err != nil && !errors.Is(err, django.ErrCorrupt) {
					t.Errorf("Django %s, %s, key %s: %v, want it read: %v", tt.version, a, key, err, want)
				}
				if want {
					check(t, "what is renewed", renew(t, c, dumped), text)
				}
			}
		}
		if _, err := site.Decode(t.Context(), text); !errors.Is(err, django.ErrCorrupt) {
			t.Errorf("Django %s: the site's own codec reads it: %v", tt.version, err)
		}
		if _, err := c.Decode(t.Context(), sign(t, site, `{"a":1}`)); !errors.Is(err, django.ErrCorrupt) {
			t.Errorf("Django %s: it reads the site's own sessions: %v", tt.version, err)
		}
	}
	if c, err := newCodec(t, nil).WithSalt(""); err == nil || c != nil {
		t.Errorf("an empty salt: %v", err)
	}
}

// Every method gives back the memory that a large session takes, however it ends.
func TestCodecReleasesMemory(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	large := `{"a":"` + strings.Repeat("0", 1<<17) + `"}`
	for _, version := range []string{"2.2", "6.1"} {
		c := newCodec(t, func(s *django.Settings) { s.DjangoVersion = version })
		older := newCodec(t, func(s *django.Settings) { s.ReadOlderFormats, s.SecretKeyFallbacks = true, []string{"old"} })
		old := newCodec(t, func(s *django.Settings) { s.DjangoVersion, s.SecretKey = version, "old" })
		for name, text := range map[string]string{
			"good": sign(t, c, large), "of an old key": sign(t, old, large), "not JSON": sign(t, c, large[1:]),
			"too large": sign(t, c, large+strings.Repeat(" ", 4<<20)), "corrupt": sign(t, c, large)[1:],
		} {
			for _, c := range []*django.Codec{c, older} {
				d, _ := c.Decode(t.Context(), text)
				for method, call := range map[string]func(){
					"Decode":  func() { _, _ = c.Decode(t.Context(), text) },
					"Payload": func() { _, _ = c.Payload(t.Context(), text) },
					"Renew":   func() { _, _ = c.Renew(t.Context(), text) },
					"Encode": func() {
						if d != nil {
							_, _ = c.Encode(t.Context(), d)
						}
					},
				} {
					call()
					var holds [payload.Slots]payload.Hold
					for i := range holds {
						var err error
						if holds[i], err = payload.Take(ended, payload.Small+1); err != nil { // it would have to wait
							t.Fatalf("Django %s, %s: %s did not give the memory back", version, name, method)
						}
					}
					for i := range holds {
						holds[i].Release()
					}
				}
			}
		}
	}
}

// slow is decoded for as long as its test wants.
type slow struct{ decoding, done chan struct{} }

func (s slow) UnmarshalJSON([]byte) error {
	close(s.decoding)
	<-s.done
	return nil
}

// A value of a large session that takes long to decode delays no other session.
func TestSlowValuesDelayNobody(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := newCodec(t, nil)
	text := sign(t, c, `{"a":"`+strings.Repeat("0", 1<<20)+`"}`)
	var ended []chan struct{}
	done := make(chan struct{})
	for range payload.Slots + 1 {
		d, err := c.Decode(ctx, text)
		must(t, err)
		v, _ := d.Get("a")
		s := slow{make(chan struct{}), done}
		end := make(chan struct{})
		ended = append(ended, end)
		go func() {
			defer close(end)
			if err := v.Decode(&s); err != nil {
				t.Error(err)
			}
		}()
		<-s.decoding
	}
	if _, err := c.Decode(ctx, text); err != nil {
		t.Errorf("another session: %v", err)
	}
	close(done)
	for _, end := range ended {
		<-end
	}
}
