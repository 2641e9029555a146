package django_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// expiryCase is what Django made of an expiry in a session, the clock standing
// still: the seconds of its cookie and the date of its row, or an exception.
type expiryCase struct {
	UseTZ  bool
	Zone   string
	Now    int64 // microseconds since 1970, as Date
	Expiry string
	Close  bool
	Age    float64
	Date   int64
	Error  string
}

// expiryDiffers are the values for which Django raises and this package goes on:
// an empty string, about which Django's two ways to an expiry disagree, and dates
// that are the year 10000 in UTC, which the cookie names as the end of 9999.
func expiryDiffers(c expiryCase) bool {
	return c.Expiry == `""` || c.Expiry == `"9999-12-31T23:59:59"` && c.Zone == "America/Chicago" && !c.UseTZ
}

func TestExpiryIsDjangos(t *testing.T) {
	sites := map[string]*site{}
	for _, c := range golden[expiryCase](t, "expiry.json") {
		at := fmt.Sprintf("%v/%s", c.UseTZ, c.Zone)
		if sites[at] == nil {
			sites[at] = newSite(t, func(s *django.Settings) { s.UseTZ, s.TimeZone = &c.UseTZ, c.Zone })
		}
		st := sites[at]
		st.now = time.UnixMicro(c.Now)
		t.Run(fmt.Sprintf("%s/%d/%s", at, c.Now, c.Expiry), func(t *testing.T) {
			s := st.NewSession()
			must(t, s.Set("_session_expiry", value(t, c.Expiry)))
			age, err := s.ExpiryAge()
			if expiryDiffers(c) {
				must(t, err)
				return
			}
			if (err != nil) != (c.Error != "") {
				t.Fatalf("the error is %v, Django's %q", err, c.Error)
			}
			date, errDate := s.ExpiryDate()
			if (errDate != nil) != (err != nil) {
				t.Errorf("ExpiryAge says %v, ExpiryDate %v", err, errDate)
			}
			check(t, "ExpireAtBrowserClose", s.ExpireAtBrowserClose(), c.Close)
			if err != nil {
				if !errors.Is(err, django.ErrExpiry) || !strings.Contains(err.Error(), "_session_expiry") {
					t.Errorf("the error is %v", err)
				}
				if text := strings.Trim(c.Expiry, `"`); len(text) > 4 && strings.Contains(err.Error(), text) {
					t.Errorf("the error holds the value: %v", err)
				}
				return
			}
			const most = float64(1<<63-1) / 1e9
			check(t, "the age", age/time.Second, time.Duration(max(-most, min(most, c.Age))))
			check(t, "the date", date.UnixMicro(), c.Date)
			check(t, "the date's zone", date.Location(), time.UTC)
		})
	}
}

// The row's expiry and what a new process reads of it are one moment, in the
// zone of a site without USE_TZ, too.
func TestExpiryOfTheRow(t *testing.T) {
	for _, tt := range []struct {
		useTZ bool
		zone  string
		want  string
	}{
		{true, "America/Chicago", "2026-03-15 12:00:00.250000"},
		{false, "America/Chicago", "2026-03-15 06:00:00.250000"}, // 7:00 by the clock that was put on
		{false, "Europe/Berlin", "2026-03-15 13:00:00.250000"},
	} {
		st := newSite(t, func(s *django.Settings) { s.UseTZ, s.TimeZone = &tt.useTZ, tt.zone })
		s := st.NewSession()
		must(t, s.Set("n", 1))
		must(t, s.Save(t.Context()))
		check(t, fmt.Sprintf("expire_date under %v %s", tt.useTZ, tt.zone), st.expires(s.Key()), tt.want)
	}
}

func TestSetExpiry(t *testing.T) {
	st := newSite(t, nil)
	s := st.NewSession()
	for _, age := range []time.Duration{0, time.Second, time.Hour, -time.Minute} {
		must(t, s.SetExpiry(age))
		check(t, "what is stored", jsonOf(t, s), fmt.Sprintf(`{"_session_expiry":%d}`, age/time.Second))
	}
	if err := s.SetExpiry(1500 * time.Millisecond); err == nil {
		t.Error("half a second was taken")
	}
	check(t, "what is stored then", jsonOf(t, s), `{"_session_expiry":-60}`)

	s.ResetExpiry()
	check(t, "what is left", s.Len(), 0)
	age, err := s.ExpiryAge()
	must(t, err)
	check(t, "the default", age, 14*24*time.Hour)
	s.ResetExpiry() // without one it is no error
}

func TestSetExpiryDate(t *testing.T) {
	at := time.Date(2026, 3, 8, 3, 30, 0, 123456789, time.FixedZone("", -5*3600)) // 8:30 UTC
	tests := []struct {
		name   string
		change func(*django.Settings)
		at     time.Time
		want   string // "" is an error that names...
		names  string
	}{
		{"USE_TZ", nil, at, `"2026-03-08T08:30:00.123456+00:00"`, ""},
		{"no fraction", nil, at.Truncate(time.Second), `"2026-03-08T08:30:00+00:00"`, ""},
		{"less than a microsecond", nil, at.Truncate(time.Second).Add(999), `"2026-03-08T08:30:00+00:00"`, ""},
		{"no USE_TZ", func(s *django.Settings) { s.UseTZ, s.TimeZone = new(false), "America/Chicago" }, at, `"2026-03-08T03:30:00.123456"`, ""},
		{"USE_TZ not said", func(s *django.Settings) { s.UseTZ = nil }, at, "", "USE_TZ"},
		{"Django 4.0", func(s *django.Settings) { s.DjangoVersion = "4.0" }, at, "", "4.0"},
		{"Django 2.2", func(s *django.Settings) { s.DjangoVersion = "2.2" }, at, "", "2.2"},
		{"Django 4.1", func(s *django.Settings) { s.DjangoVersion = "4.1" }, at, `"2026-03-08T08:30:00.123456+00:00"`, ""},
		{"the year 10000", nil, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "", "9999"},
		{"the year 0", nil, time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), "", "year"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			settings := testSettings()
			if tt.change != nil {
				tt.change(&settings)
			}
			ss, err := django.New(settings, noStore)
			must(t, err)
			s := ss.NewSession()
			err = s.SetExpiryDate(tt.at)
			if tt.want == "" {
				if err == nil || !strings.Contains(err.Error(), tt.names) {
					t.Errorf("the error is %v, want one that names %q", err, tt.names)
				}
				check(t, "the session", jsonOf(t, s), "{}")
				check(t, "Modified", s.Modified(), false)
				return
			}
			must(t, err)
			check(t, "what is stored", jsonOf(t, s), `{"_session_expiry":`+tt.want+`}`)
		})
	}
}

// noStore is for sessions that are never saved.
var noStore = memstore.New()

// A date set by Go is the same moment when read, also where the clock shows an
// hour twice, the second of which a naive date cannot name.
func TestExpiryDateRoundTrip(t *testing.T) {
	for _, zone := range []string{"", "America/Chicago", "Europe/Berlin", "Australia/Lord_Howe"} {
		settings := testSettings()
		if zone != "" {
			settings.UseTZ, settings.TimeZone = new(false), zone
		}
		ss, err := django.New(settings, noStore)
		must(t, err)
		s := ss.NewSession()
		for at := testNow; at.Year() == 2026; at = at.Add(7*time.Hour + 11*time.Minute) {
			must(t, s.SetExpiryDate(at))
			got, err := s.ExpiryDate()
			must(t, err)
			if diff := at.Sub(got); diff != 0 && (zone == "" || diff > time.Hour || diff < 0) {
				t.Fatalf("%s: %v came back as %v", zone, at, got)
			}
		}
	}
}

// What the session's expiry says under a site that expires sessions when the
// browser closes.
func TestExpireAtBrowserCloseSetting(t *testing.T) {
	settings := testSettings()
	settings.SessionExpireAtBrowserClose = true
	ss, err := django.New(settings, noStore)
	must(t, err)
	for expiry, want := range map[string]bool{
		"": true, "null": true, "0": true, "0.0": true, "false": true,
		"60": false, "true": false, `""`: false, "[]": false, `"2026-03-02T00:00:00+00:00"`: false, "NaN": false,
	} {
		s := ss.NewSession()
		if expiry != "" {
			must(t, s.Set("_session_expiry", value(t, expiry)))
		}
		check(t, fmt.Sprintf("for %q it", expiry), s.ExpireAtBrowserClose(), want)
	}
}

// A session that SESSION_COOKIE_AGE would have end after the year 9999 is not
// saved, as in Django; one with an expiry of its own is.
func TestCookieAgeOutOfRange(t *testing.T) {
	for _, age := range []int64{260e9, 1e12, 1e15, math.MaxInt64} {
		st := newSite(t, func(s *django.Settings) { s.SessionCookieAge = age })
		s := st.NewSession()
		must(t, s.Set("n", 1))
		if err := s.Save(t.Context()); !errors.Is(err, django.ErrExpiry) || !strings.Contains(err.Error(), "SESSION_COOKIE_AGE") {
			t.Errorf("%d: the error is %v", age, err)
		}
		must(t, s.SetExpiry(time.Minute))
		must(t, s.Save(t.Context()))
	}
}
