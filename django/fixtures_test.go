package django_test

import (
	"errors"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv/typed"
	"github.com/djsession/djsession/signing"
)

// fixtureSettings are the settings under which a Django read a fixture.
func fixtureSettings(version string, f fixtures.Settings) django.Settings {
	set := django.DefaultSettings()
	set.SecretKey, set.SecretKeyFallbacks = f.SecretKey, f.SecretKeyFallbacks
	set.DjangoVersion = version
	if f.DefaultHashingAlgorithm == "sha1" {
		set.SessionFormat = django.FormatPre31
	}
	set.UseTZ, set.TimeZone = &f.UseTZ, f.TimeZone
	set.SessionCookieAge = int64(f.SessionCookieAge)
	set.SessionExpireAtBrowserClose = f.SessionExpireAtBrowserClose
	return set
}

// TestFixtures reads every session that every Django wrote or judged, and comes
// to the same verdict, value and bytes.
func TestFixtures(t *testing.T) {
	for _, version := range fixtures.Versions() {
		sessions, err := fixtures.Sessions(version)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range sessions {
			switch f.Name {
			case "forged_zlib_bomb", "forged_json_long_integer":
				continue // the documented bounds, see TestFixtureBounds
			}
			t.Run(version+"/"+f.Name, func(t *testing.T) {
				codec, err := django.NewCodec(fixtureSettings(version, f.Settings), fixtures.Now)
				if err != nil {
					t.Fatal(err)
				}
				dict, err := codec.Decode(t.Context(), f.SessionData)
				switch f.Verdict {
				case fixtures.OK:
					if err != nil {
						t.Fatalf("Django reads it, Go says: %v", err)
					}
					if got := typed.Dict(t, dict); !got.Equal(f.Value) {
						t.Errorf("Go reads %s, Django %s", got, f.Value)
					}
					if f.About != "" {
						return // a forged text may spell its JSON as Django would not
					}
					payload, err := codec.Payload(t.Context(), f.SessionData)
					if err != nil || string(payload) != f.JSON {
						t.Errorf("the payload is %q, %v; Django's serializer wrote %q", payload, err, f.JSON)
					}
				case fixtures.BadSignature:
					// 3.2 tries what it cannot read as the older format, too.
					tried := version == "3.2" && errors.Is(err, django.ErrUnreadable)
					if !errors.Is(err, django.ErrCorrupt) && !tried {
						t.Errorf("Django says that the signature is bad, Go %v", err)
					}
				default:
					if !errors.Is(err, django.ErrUnreadable) && !errors.Is(err, django.ErrCorrupt) {
						t.Errorf("Django says %s, Go %v", f.Verdict, err)
					}
				}
			})
		}
	}
}

// TestFixtureWritesAreTheSame: what Go signs at the same second is, byte for
// byte, what Django signed, unless zlib compressed it.
func TestFixtureWritesAreTheSame(t *testing.T) {
	same := 0
	for _, version := range fixtures.Versions() {
		sessions, err := fixtures.Sessions(version)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range sessions {
			if f.About != "" || f.Verdict != fixtures.OK || f.SessionData[0] == '.' {
				continue
			}
			codec, err := django.NewCodec(fixtureSettings(version, f.Settings), fixtures.Now)
			if err != nil {
				t.Fatal(err)
			}
			dict, err := codec.Decode(t.Context(), f.SessionData)
			if err != nil {
				t.Fatal(err)
			}
			text, err := codec.Encode(t.Context(), dict)
			if err != nil {
				t.Fatal(err)
			}
			if text == f.SessionData {
				same++
			} else if len(f.Settings.SecretKeyFallbacks) == 0 && f.Name != "sha1_read_under_sha256" {
				t.Errorf("%s/%s: Go writes\n%s\nDjango\n%s", version, f.Name, text, f.SessionData)
			}
		}
	}
	if same < 50 {
		t.Errorf("only %d texts were compared", same)
	}
}

// TestFixtureBounds: what inflates too far is refused by Go alone, and a long
// integer, on which Python gives up, is left alone.
func TestFixtureBounds(t *testing.T) {
	sessions, err := fixtures.Sessions("6.1")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, f := range sessions {
		set := fixtureSettings("6.1", f.Settings)
		decode := func() error {
			codec, err := django.NewCodec(set, fixtures.Now)
			if err != nil {
				t.Fatal(err)
			}
			_, err = codec.Decode(t.Context(), f.SessionData)
			return err
		}
		switch f.Name {
		case "forged_zlib_bomb":
			seen++
			if err := decode(); !errors.Is(err, django.ErrUnreadable) || !errors.Is(err, signing.ErrTooLarge) {
				t.Errorf("%s: %v, want ErrTooLarge", f.Name, err)
			}
			set.MaxInflated = 64 << 20
			if err := decode(); err != nil {
				t.Errorf("%s under a larger bound: %v", f.Name, err)
			}
		case "forged_json_long_integer":
			seen++
			if err := decode(); err != nil {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	}
	if seen != 2 {
		t.Errorf("%d of 2 fixtures were there", seen)
	}
}
