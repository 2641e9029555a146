package django_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

const salt = "django.contrib.sessions.SessionStore"

func newCodec(t testing.TB, change func(*django.Settings)) *django.Codec {
	t.Helper()
	settings := testSettings()
	if change != nil {
		change(&settings)
	}
	c, err := django.NewCodec(settings, func() time.Time { return testNow })
	must(t, err)
	return c
}

// sign returns a JSON text as session_data.
func sign(t testing.TB, c *django.Codec, json string) string {
	t.Helper()
	text, err := c.Sign(t.Context(), []byte(json))
	must(t, err)
	return text
}

func signPayload(t testing.TB, s *signing.TimestampSigner, json string) string {
	t.Helper()
	text, err := s.AppendPayload(t.Context(), nil, []byte(json), true)
	must(t, err)
	return string(text)
}

func renew(t testing.TB, c *django.Codec, text string) string {
	t.Helper()
	renewed, err := c.Renew(t.Context(), text)
	must(t, err)
	return renewed
}

// Which Django reads which text: 3.1 and 3.2 read everything, those before and
// after one form each, and DEFAULT_HASHING_ALGORITHM = "sha1" no SHA-256.
func TestCodecReadsWhatItsDjangoReads(t *testing.T) {
	dict, err := serializer.JSON.Loads([]byte(`{"a":1}`))
	must(t, err)
	write := func(change func(*django.Settings)) string {
		text, err := newCodec(t, change).Encode(t.Context(), dict)
		must(t, err)
		return text
	}
	sha1, err := signing.NewTimestampSigner(secretKey, signing.Options{Salt: salt, Algorithm: signing.SHA1})
	must(t, err)
	texts := map[string]string{
		"modern": write(nil),
		"sha1":   signPayload(t, sha1, `{"a":1}`),
		"pre31":  write(func(s *django.Settings) { s.DjangoVersion = "2.2" }),
	}
	check(t, "what 3.2 writes by itself", write(func(s *django.Settings) { s.DjangoVersion = "3.2" }), texts["modern"])
	check(t, "what it writes with sha1", write(func(s *django.Settings) {
		s.DjangoVersion, s.SessionFormat = "3.2", django.FormatPre31
	}), texts["pre31"])

	tests := []struct {
		version string
		format  django.Format
		older   bool
		reads   string
	}{
		{"2.2", 0, false, "pre31"},
		{"3.0", 0, false, "pre31"},
		{"3.1", 0, false, "modern sha1 pre31"},
		{"3.2", 0, false, "modern sha1 pre31"},
		{"3.2", django.FormatPre31, false, "sha1 pre31"},
		{"3.2", django.FormatPre31, true, "modern sha1 pre31"},
		{"", django.FormatPre31, false, "sha1 pre31"},
		{"4.0", 0, false, "modern"},
		{"5.2", 0, false, "modern"},
		{"", 0, false, "modern"},
		{"", 0, true, "modern sha1 pre31"},
		{"2.2", 0, true, "pre31"},
	}
	for _, tt := range tests {
		c := newCodec(t, func(s *django.Settings) {
			s.DjangoVersion, s.SessionFormat, s.ReadOlderFormats = tt.version, tt.format, tt.older
		})
		for name, text := range texts {
			d, err := c.Decode(t.Context(), text)
			want := strings.Contains(tt.reads, name)
			if (err == nil) != want || (d != nil) != want {
				t.Errorf("Django %q, format %d, older %v: %s gives %v, %v", tt.version, tt.format, tt.older, name, d, err)
			}
			if err != nil && !errors.Is(err, django.ErrCorrupt) {
				t.Errorf("%s: the error %v is not ErrCorrupt", name, err)
			}
		}
	}
	if _, err := newCodec(t, nil).Decode(t.Context(), texts["pre31"]); !strings.Contains(err.Error(), "ReadOlderFormats") {
		t.Errorf("the error does not say how to read the older format: %v", err)
	}
}

func TestCodecFallbackKeys(t *testing.T) {
	dict := new(serializer.Dict)
	for _, version := range []string{"", "2.2"} {
		withKey := func(key string, fallbacks ...string) *django.Codec {
			return newCodec(t, func(s *django.Settings) {
				s.SecretKey, s.SecretKeyFallbacks = key, fallbacks
				if len(fallbacks) == 0 {
					s.DjangoVersion = version
				} else {
					s.ReadOlderFormats = true
				}
			})
		}
		text, err := withKey("oldest").Encode(t.Context(), dict)
		must(t, err)
		if _, err := withKey("new", "old", "oldest").Decode(t.Context(), text); err != nil {
			t.Errorf("Django %q's text under a fallback key: %v", version, err)
		}
		if _, err := withKey("new", "old").Decode(t.Context(), text); !errors.Is(err, django.ErrCorrupt) {
			t.Errorf("Django %q's text under no key of ours: %v", version, err)
		}
	}
	text, err := newCodec(t, func(s *django.Settings) { s.SecretKeyFallbacks = []string{"old"} }).Encode(t.Context(), dict)
	must(t, err)
	if _, err := newCodec(t, nil).Decode(t.Context(), text); err != nil {
		t.Errorf("it was not signed with the first key: %v", err)
	}
}

// Django before 4.1 does not know SECRET_KEY_FALLBACKS, and verifies with SECRET_KEY alone.
func TestFallbackKeysAreIgnoredBefore41(t *testing.T) {
	for _, old := range []bool{false, true} {
		for version, wants := range map[string]bool{"2.2": false, "3.2": false, "4.0": false, "4.1": true, "": true} {
			withKey := func(key string, fallbacks ...string) *django.Codec {
				return newCodec(t, func(s *django.Settings) {
					s.DjangoVersion, s.ReadOlderFormats = version, old
					s.SecretKey, s.SecretKeyFallbacks = key, fallbacks
				})
			}
			text, err := withKey("old").Encode(t.Context(), new(serializer.Dict))
			must(t, err)
			codec := withKey("new", "old")
			_, err = codec.Decode(t.Context(), text)
			check(t, "what Django "+version+" reads of a fallback key's", err == nil, wants)
			check(t, "what is renewed by Django "+version, renew(t, codec, text) != text, wants)
			check(t, "keys that package auth verifies with", len(codec.Settings().SecretKeyFallbacks) == 1, wants)
			if err != nil && !errors.Is(err, django.ErrCorrupt) {
				t.Errorf("Django %s: %v", version, err)
			}
		}
	}
}

// The store's class name is part of the salt.
func TestCodecStoreClass(t *testing.T) {
	own := newCodec(t, func(s *django.Settings) { s.SessionStoreClass = "ShopStore" })
	text, err := own.Encode(t.Context(), new(serializer.Dict))
	must(t, err)
	if _, err := newCodec(t, nil).Decode(t.Context(), text); !errors.Is(err, django.ErrCorrupt) {
		t.Errorf("another class read it: %v", err)
	}
	if _, err := own.Decode(t.Context(), text); err != nil {
		t.Error(err)
	}
}

// Errors say what is wrong, as far as it can be known, and never what is in it.
func TestCodecErrors(t *testing.T) {
	c := newCodec(t, nil)
	signer, err := signing.NewTimestampSigner(secretKey, signing.Options{Salt: salt})
	must(t, err)
	plain, err := signing.NewSigner(secretKey, signing.Options{Salt: salt})
	must(t, err)
	good := sign(t, c, `{"payload":"payload"}`)
	other := sign(t, newCodec(t, func(s *django.Settings) { s.SecretKey = "another" }), `{"payload":1}`)
	tests := []struct {
		name, text string
		is         []error
	}{
		{"empty", "", []error{django.ErrCorrupt, signing.ErrNoSeparator}},
		{"garbage", "garbage", []error{django.ErrCorrupt, signing.ErrNoSeparator}},
		{"cut off", good[:len(good)-1], []error{django.ErrCorrupt, signing.ErrSignatureMismatch}},
		{"cut off early", good[:10], []error{django.ErrCorrupt, signing.ErrNoSeparator}},
		{"changed", "f" + good[1:], []error{django.ErrCorrupt, signing.ErrSignatureMismatch}},
		{"other key", other, []error{django.ErrCorrupt, signing.ErrSignatureMismatch}},
		{"appended", good + "\n", []error{django.ErrCorrupt, signing.ErrSignatureMismatch}},
		{"no time", plain.Sign(base64.RawURLEncoding.EncodeToString([]byte("{}"))), []error{django.ErrUnreadable, signing.ErrTimestamp}},
		{"not base64", signer.Sign("payload"[:5]), []error{django.ErrUnreadable, signing.ErrBase64}},
		{"not zlib", signer.Sign(".cGF5bG9hZA"), []error{django.ErrUnreadable, signing.ErrZlib}},
		{"not JSON", sign(t, c, `{"payload":payload}`), []error{django.ErrUnreadable}},
		{"not an object", sign(t, c, `["payload"]`), []error{django.ErrUnreadable, serializer.ErrNotObject}},
		{"nothing", sign(t, c, ""), []error{django.ErrUnreadable}},
		{"bomb", signPayload(t, signer, `{"payload":"`+strings.Repeat("0", 5<<20)+`"}`), []error{django.ErrUnreadable, signing.ErrTooLarge}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := c.Decode(t.Context(), tt.text)
			if d != nil || err == nil {
				t.Fatalf("decoded to %v, %v", d, err)
			}
			for _, want := range tt.is {
				if !errors.Is(err, want) {
					t.Errorf("%q is not %q", err, want)
				}
			}
			if errors.Is(err, django.ErrCorrupt) == errors.Is(err, django.ErrUnreadable) {
				t.Errorf("%q is both or neither", err)
			}
			for _, secret := range []string{"payload", secretKey, "cGF5"} {
				if strings.Contains(strings.ReplaceAll(err.Error(), "the payload", ""), secret) {
					t.Errorf("the error quotes the text: %v", err)
				}
			}
		})
	}
}

func TestPre31Errors(t *testing.T) {
	c := newCodec(t, func(s *django.Settings) { s.DjangoVersion = "2.2" })
	good := sign(t, c, `{"payload":1}`)
	tests := []struct {
		name, text string
		is         []error
	}{
		{"empty", "", []error{django.ErrCorrupt, signing.ErrNoSeparator}},
		{"not base64", "a", []error{django.ErrCorrupt, signing.ErrBase64}},
		{"not ASCII", good + "é", []error{django.ErrCorrupt, signing.ErrBase64}},
		{"no separator", "cGF5bG9hZA==", []error{django.ErrCorrupt, signing.ErrNoSeparator}},
		{"changed", base64.StdEncoding.EncodeToString([]byte("0123:{}")), []error{django.ErrCorrupt, signing.ErrSignatureMismatch}},
		{"not JSON", sign(t, c, `{`), []error{django.ErrUnreadable}},
		{"not an object", sign(t, c, `1`), []error{django.ErrUnreadable, serializer.ErrNotObject}},
		{"modern", sign(t, newCodec(t, nil), `{}`), []error{django.ErrCorrupt}},
	}
	for _, tt := range tests {
		d, err := c.Decode(t.Context(), tt.text)
		if d != nil || err == nil {
			t.Fatalf("%s decoded to %v, %v", tt.name, d, err)
		}
		for _, want := range tt.is {
			if !errors.Is(err, want) {
				t.Errorf("%s: %q is not %q", tt.name, err, want)
			}
		}
	}
}

// Payload is what was signed, byte for byte, however odd.
func TestPayloadIsExact(t *testing.T) {
	for _, version := range []string{"", "2.2"} {
		c := newCodec(t, func(s *django.Settings) { s.DjangoVersion = version })
		for _, payload := range []string{"{}", `{"a" : NaN}`, `{"a":1.0,"a":"\ud800"}`, "\xff", `{"a":"` + strings.Repeat("x", 5000) + `"}`} {
			got, err := c.Payload(t.Context(), sign(t, c, payload))
			must(t, err)
			check(t, "the payload", string(got), payload)
		}
	}
}
