package dbstore_test

import (
	"errors"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/internal/testenv/typed"
)

// TestFixtureDatabases reads the databases that each Django migrated and filled:
// every session, its expiry to the second, and whether it is there at all.
func TestFixtureDatabases(t *testing.T) {
	for _, version := range fixtures.Versions() {
		t.Run(version, func(t *testing.T) {
			db := connect(t, testenv.Filled(t, version))
			sessions, err := fixtures.Sessions(version)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range sessions {
				if !f.InDatabase || differs(version, f.Name) {
					continue
				}
				set := settings()
				set.DjangoVersion = version
				set.SecretKey, set.SecretKeyFallbacks = f.Settings.SecretKey, f.Settings.SecretKeyFallbacks
				set.SessionCookieAge = int64(f.Settings.SessionCookieAge)
				set.SessionExpireAtBrowserClose = f.Settings.SessionExpireAtBrowserClose
				if f.Settings.DefaultHashingAlgorithm == "sha1" {
					set.SessionFormat = django.FormatPre31
				}
				open := func(opts ...django.Option) *django.Sessions {
					t.Helper()
					ss, err := django.New(set, dbstore.New(db), append(opts, django.WithClock(fixtures.Now), django.WithLogger(slog.New(slog.DiscardHandler)))...)
					if err != nil {
						t.Fatal(err)
					}
					return ss
				}
				readsFixture(t, open(django.WithUnreadableAsEmpty()), f)
				refusesFixture(t, open(), f)
			}
		})
	}
}

// differs are the documented differences: what Go leaves alone and Python is too
// small for, what Go finds too large, and expiries of forms that Django never
// writes, of which Go takes those that the newest Pythons take.
func differs(version, name string) bool {
	switch name {
	case "forged_zlib_bomb", "forged_json_long_integer", "forged_expiry_odd_empty":
		return true
	case "forged_expiry_odd_zulu":
		return version == "4.2" // on a Python before 3.11
	}
	return false
}

// refusesFixture: without the option, what cannot be read is an error.
func refusesFixture(t *testing.T, ss *django.Sessions, f fixtures.Session) {
	t.Helper()
	_, err := ss.Load(t.Context(), f.SessionKey)
	unreadable := errors.Is(err, django.ErrCorrupt) || errors.Is(err, django.ErrUnreadable)
	if want := f.Verdict != fixtures.OK && !errors.Is(err, django.ErrNotFound); unreadable != want {
		t.Errorf("%s: Load: %v", f.Name, err)
	}
}

func readsFixture(t *testing.T, ss *django.Sessions, f fixtures.Session) {
	t.Helper()
	expires, err := time.Parse("2006-01-02T15:04:05.999999Z07:00", f.ExpireDate)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ss.Load(t.Context(), f.SessionKey)
	if live := expires.After(fixtures.Now()); !live {
		if !errors.Is(err, django.ErrNotFound) {
			t.Errorf("%s has expired, and Load says %v", f.Name, err)
		}
		return
	}
	if err != nil {
		t.Errorf("%s: %v", f.Name, err)
		return
	}
	if f.Verdict != fixtures.OK {
		if s.Len() != 0 || s.Key() != f.SessionKey {
			t.Errorf("%s: cannot be read, and has %d keys", f.Name, s.Len())
		}
		return
	}
	if got := typed.Items(t, s.Items()); !got.Equal(f.Value) {
		t.Errorf("%s: Go reads %s, Django %s", f.Name, got, f.Value)
	}
	age, errAge := s.ExpiryAge()
	date, errDate := s.ExpiryDate()
	if f.Expiry.Error != "" {
		if errAge == nil || errDate == nil {
			t.Errorf("%s: Django raises %s for its expiry, Go says %v, %v", f.Name, f.Expiry.Error, age, date)
		}
		return
	}
	want, err := time.Parse("2006-01-02T15:04:05.999999Z07:00", f.Expiry.Date)
	if err != nil {
		t.Fatal(err)
	}
	if errAge != nil || errDate != nil || age.Seconds() != math.Trunc(f.Expiry.Age) || !date.Equal(want) || s.ExpireAtBrowserClose() != f.Expiry.BrowserClose {
		t.Errorf("%s: Go says %v, %v, %t, %v, %v; Django %+v", f.Name, age, date, s.ExpireAtBrowserClose(), errAge, errDate, *f.Expiry)
	}
}
