package django_test

import (
	"errors"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// TestFileExpiry: the rules of Django's file engine, and a file's time for an expiry. What both mean is
// compared with every Django in compat_test.
func TestFileExpiry(t *testing.T) {
	modified := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	set := testSettings()
	set.UseTZ = new(true)
	codec, err := django.NewCodec(set, func() time.Time { return modified })
	must(t, err)
	age := time.Duration(set.SessionCookieAge) * time.Second
	for text, c := range map[string]struct {
		lives  time.Duration
		always bool // or never
		err    error
	}{
		`{}`:                       {age, false, nil},
		`{"_session_expiry":0}`:    {age, false, nil},
		`{"_session_expiry":null}`: {age, false, nil},
		`{"_session_expiry":""}`:   {age, false, nil},
		`{"_session_expiry":300}`:  {300 * time.Second, true, nil},
		`{"_session_expiry":-300}`: {-300 * time.Second, true, nil},
		`{"_session_expiry":"2026-03-02T12:00:00+00:00"}`: {24 * time.Hour, false, nil},
		`{"_session_expiry":"tomorrow"}`:                  {0, true, django.ErrExpiry},
		`{"_session_expiry":[1]}`:                         {0, true, django.ErrExpiry},
	} {
		d, err := serializer.JSON.Loads([]byte(text))
		must(t, err)
		for left, want := range map[time.Duration]bool{time.Hour: false, time.Second: false, time.Second - 1: true, -time.Hour: true} {
			if c.always {
				want = c.lives < 0
			}
			expires, expired, err := codec.FileExpiry(d, modified, modified.Add(c.lives-left))
			if expired != want || !errors.Is(err, c.err) || c.err == nil && !expires.Equal(modified.Add(c.lives)) {
				t.Errorf("%s, %v left: expires %v, expired %t, %v", text, left, expires, expired, err)
			}
		}
		at := modified.Add(48 * time.Hour)
		want := modified // now
		if c.lives == age {
			want = at.Add(-age)
		}
		if got := codec.FileTime(d, at); !got.Equal(want) {
			t.Errorf("%s: the file's time is %v, want %v", text, got, want)
		}
	}
}
