package django_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/memstore"
	"github.com/djsession/djsession/serializer"
)

const pickleSerializer = "django.contrib.sessions.serializers.PickleSerializer"

// pickling makes a site one of Django 3.2 with the PickleSerializer.
func pickling(version string, useTZ bool) func(*django.Settings) {
	return func(s *django.Settings) {
		s.SessionSerializer, s.DjangoVersion, s.UseTZ, s.TimeZone = pickleSerializer, version, &useTZ, "Europe/Berlin"
	}
}

func TestPickleSerializerNeedsItsDjango(t *testing.T) {
	for version, ok := range map[string]bool{"2.2": true, "4.2": true, "5.0": false, "6.1": false, "": false} {
		set := testSettings()
		pickling(version, true)(&set)
		err := set.Validate()
		if (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "DjangoVersion") {
			t.Errorf("Django %q: %v", version, err)
		}
	}
}

// TestPickledFixtures reads what each Django stored with the PickleSerializer, expiry included, and writes it.
func TestPickledFixtures(t *testing.T) {
	read := 0
	for _, version := range fixtures.Versions() {
		_, sessions, err := fixtures.Pickles(version)
		must(t, err)
		for _, f := range sessions {
			set := testSettings()
			pickling(version, f.UseTZ)(&set)
			set.SecretKey = "fixtures: no secret at all é"
			codec, err := django.NewCodec(set, fixtures.Now)
			must(t, err)
			d, err := codec.Decode(t.Context(), f.SessionData)
			must(t, err)
			text, err := codec.Encode(t.Context(), d)
			must(t, err)
			_, err = codec.Decode(t.Context(), text)
			must(t, err)

			ss, err := django.New(set, memstore.New(), django.WithClock(fixtures.Now))
			must(t, err)
			s := ss.NewSession()
			for key, v := range d.All() {
				must(t, s.Set(key, v))
			}
			age, err := s.ExpiryAge()
			must(t, err)
			check(t, version+" "+f.Name, age.Seconds(), f.Expiry.Age)
			read++

			set.SessionSerializer = "django.contrib.sessions.serializers.JSONSerializer"
			codec, err = django.NewCodec(set, fixtures.Now)
			must(t, err)
			if _, err := codec.Decode(t.Context(), f.SessionData); !errors.Is(err, django.ErrUnreadable) {
				t.Errorf("as JSON, a pickle is %v", err)
			}
		}
	}
	check(t, "sessions", read, 18)
}

// TestPickledExpiryDate: a date is written as the datetime that Django before 4.1 reads, and as text for Django from 4.1 on.
func TestPickledExpiryDate(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 5000, time.UTC)
	for _, tt := range []struct {
		version string
		useTZ   bool
		format  serializer.Format
		text    string
	}{
		{"2.2", true, serializer.FormatPickle, "2026-03-01T12:00:00.000005+00:00"},
		{"3.2", false, serializer.FormatPickle, "2026-03-01T13:00:00.000005"},
		{"4.0", true, serializer.FormatPickle, "2026-03-01T12:00:00.000005+00:00"},
		{"4.1", true, serializer.FormatJSON, "2026-03-01T12:00:00.000005+00:00"},
		{"4.2", false, serializer.FormatJSON, "2026-03-01T13:00:00.000005"},
	} {
		set := testSettings()
		pickling(tt.version, tt.useTZ)(&set)
		ss, err := django.New(set, memstore.New(), django.WithClock(fixtures.Now))
		must(t, err)
		s := ss.NewSession()
		must(t, s.SetExpiryDate(at))
		must(t, s.Save(t.Context()))
		s, err = ss.Load(t.Context(), s.Key())
		must(t, err)
		v, _ := s.Get("_session_expiry")
		var text string
		must(t, v.Decode(&text))
		check(t, "format of "+tt.version, v.Format(), tt.format)
		check(t, "text of "+tt.version, text, tt.text)
		got, err := s.ExpiryDate()
		must(t, err)
		check(t, "date of "+tt.version, got, at)
	}
}

// TestOnlyPicklesHoldPickles: a value that JSON has no form for is refused when it is set, not when it is saved.
func TestOnlyPicklesHoldPickles(t *testing.T) {
	v, err := serializer.EncodePickle([]byte("x"))
	must(t, err)
	st := newSite(t, nil)
	s := st.NewSession()
	if err := s.Set("bytes", v); !errors.Is(err, serializer.ErrFormat) || s.Len() != 0 {
		t.Errorf("got %v", err)
	}
	st = newSite(t, pickling("4.2", true))
	s = st.NewSession()
	must(t, s.Set("bytes", v))
	must(t, s.Save(t.Context()))
	got, err := django.Value(st.load(s.Key()), "bytes", []byte(nil))
	must(t, err)
	check(t, "the value", string(got), "x")
}

// TestUnknownPickledExpiry: an expiry that cannot be understood is an error, and stays.
func TestUnknownPickledExpiry(t *testing.T) {
	st := newSite(t, pickling("3.2", true))
	for name, pickle := range map[string]string{
		"a date":           "\x80\x04cdatetime\ndate\nC\x04\x07\xea\x01\x02\x85R.",
		"an unknown zone":  "\x80\x04cdatetime\ndatetime\nC\x0a\x07\xea\x01\x02\x00\x00\x00\x00\x00\x00csite\nZone\n)R\x86R.",
		"a naive datetime": "\x80\x04cdatetime\ndatetime\nC\x0a\x07\xea\x01\x02\x00\x00\x00\x00\x00\x00\x85R.",
		"an object":        "\x80\x04csite\nExpiry\n)R.",
		"a text":           "\x80\x04\x8c\x192026-03-01T12:00:00+00:00.",
	} {
		v, err := serializer.ParsePickle([]byte(pickle))
		must(t, err)
		s := st.NewSession()
		must(t, s.Set("_session_expiry", v))
		if _, err := s.ExpiryAge(); !errors.Is(err, django.ErrExpiry) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
