package compat

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/internal/testenv/typed"
)

// stoppedAt is when expiries are compared: both sides' clocks are stopped then.
var stoppedAt = time.Date(2026, 3, 7, 23, 30, 15, 250_000_000, time.UTC)

// expiries are the ways to set an expiry in Django and in Go. The dates lie on both sides
// of a clock change in America/Chicago.
var expiries = []struct {
	name   string
	django func(c *cell) any // set_expiry's argument, nil for none
	set    func(*django.Session) error
	dates  bool
}{
	{"default", func(*cell) any { return nil }, func(*django.Session) error { return nil }, false},
	{"seconds", inSeconds(300), func(s *django.Session) error { return s.SetExpiry(300 * time.Second) }, false},
	{"a year", inSeconds(365 * 86400), func(s *django.Session) error { return s.SetExpiry(365 * 24 * time.Hour) }, false},
	{"negative", inSeconds(-7), func(s *django.Session) error { return s.SetExpiry(-7 * time.Second) }, false},
	{"browser close", inSeconds(0), func(s *django.Session) error { return s.SetExpiry(0) }, false},
	{"date", atDate(48 * time.Hour), func(s *django.Session) error { return s.SetExpiryDate(stoppedAt.Add(48 * time.Hour)) }, true},
	{"date with microseconds", atDate(90*24*time.Hour + 123456*time.Microsecond),
		func(s *django.Session) error {
			return s.SetExpiryDate(stoppedAt.Add(90*24*time.Hour + 123456*time.Microsecond))
		}, true},
	{"date in the past", atDate(-time.Hour), func(s *django.Session) error { return s.SetExpiryDate(stoppedAt.Add(-time.Hour)) }, true},
}

func inSeconds(n int64) func(*cell) any { return func(*cell) any { return fixtures.NewInt(n) } }

func atDate(after time.Duration) func(*cell) any {
	return func(c *cell) any {
		return fixtures.Value{Kind: "datetime", Text: c.iso(stoppedAt.Add(after))}
	}
}

// iso is a time as Python's isoformat gives it under the cell's settings.
func (c *cell) iso(at time.Time) string {
	layout := "2006-01-02T15:04:05.000000"
	if at.Truncate(time.Second).Equal(at) {
		layout = "2006-01-02T15:04:05"
	}
	if c.worker.UseTZ {
		return at.UTC().Format(layout) + "+00:00"
	}
	loc, err := time.LoadLocation(c.worker.TimeZone)
	if err != nil {
		panic(err) // cannot happen with this test's settings
	}
	return at.In(loc).Format(layout)
}

// stop stops both clocks for the rest of the test.
func (c *cell) stop(t *testing.T, opts ...dbstore.Option) *django.Sessions {
	t.Helper()
	testenv.Tell(t, c.worker, "stop_clock", testenv.Args{"at": float64(stoppedAt.UnixMicro()) / 1e6})
	t.Cleanup(func() { testenv.Tell(t, c.worker, "stop_clock", testenv.Args{"at": nil}) })
	ss, err := django.New(c.sessions.Settings(), dbstore.New(c.db, opts...), django.WithClock(func() time.Time { return stoppedAt }))
	if err != nil {
		t.Fatal(err)
	}
	return ss
}

// expiry: age, date, browser close and the stored row agree.
func expiry(t *testing.T, c *cell) { compareExpiries(t, c, c.stop(t)) }

func compareExpiries(t *testing.T, c *cell, ss *django.Sessions) {
	for _, e := range expiries {
		if e.dates && !c.django.AtLeast(4, 1) {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			args := testenv.Args{"values": fixtures.NewDict(fixtures.Pair{Key: "a", Value: fixtures.NewInt(1)})}
			if v := e.django(c); v != nil {
				args["expiry"] = v
			}
			theirs := testenv.Ask[testenv.Row](t, c.worker, "create", args)

			s := ss.NewSession()
			set(t, s, "a", 1)
			if err := e.set(s); err != nil {
				t.Fatal(err)
			}
			save(t, s)
			ours := testenv.Ask[testenv.Row](t, c.worker, "row", testenv.Args{"session_key": s.Key()})
			if ours.ExpireDateText != theirs.ExpireDateText || ours.ExpireDate != theirs.ExpireDate {
				t.Errorf("expire_date is %q (%s), Django's is %q (%s)", ours.ExpireDateText, ours.ExpireDate, theirs.ExpireDateText, theirs.ExpireDate)
			}

			// Each side reads the other's session.
			compareExpiry(t, c, s, theirs.SessionKey)
			theirsHere, err := ss.Load(t.Context(), theirs.SessionKey)
			if live := c.judge(t, theirs.SessionKey).Found; live != (err == nil) {
				t.Fatalf("Django finds it: %t; Go: %v", live, err)
			}
			if err == nil {
				compareExpiry(t, c, theirsHere, s.Key())
				if got, want := typed.Items(t, theirsHere.Items()), typed.Items(t, s.Items()); !got.Equal(want) {
					t.Errorf("Django stored %s, Go %s", got, want)
				}
			}
		})
	}
	if !c.django.AtLeast(4, 1) {
		if err := ss.NewSession().SetExpiryDate(stoppedAt); err == nil {
			t.Errorf("%s cannot read a date, but Go sets one", c.django)
		}
	}
}

// compareExpiry compares Go's session with the same session in Django.
func compareExpiry(t *testing.T, c *cell, s *django.Session, key string) {
	t.Helper()
	loaded := c.judge(t, key)
	if !loaded.Found {
		return // expired: there is nothing to compare
	}
	age, err := s.ExpiryAge()
	if err != nil {
		t.Fatal(err)
	}
	date, err := s.ExpiryDate()
	if err != nil {
		t.Fatal(err)
	}
	got := testenv.Expiry{Age: age.Seconds(), Date: c.iso(date), BrowserClose: s.ExpireAtBrowserClose()}
	if got != loaded.Expiry {
		t.Errorf("Go: %+v, Django: %+v", got, loaded.Expiry)
	}
}

// TestTimeZones compares expiries where times are not UTC.
func TestTimeZones(t *testing.T) {
	for _, version := range oldestAndNewest(t) {
		for _, d := range databases {
			for _, zone := range []struct {
				name   string
				extra  map[string]any
				fields map[string]any
				opts   []dbstore.Option
			}{
				{"USE_TZ False", map[string]any{"USE_TZ": false, "TIME_ZONE": "America/Chicago"}, nil, nil},
				{"DATABASES TIME_ZONE", map[string]any{"TIME_ZONE": "Europe/Berlin"}, map[string]any{"TIME_ZONE": "Asia/Kolkata"},
					[]dbstore.Option{dbstore.WithTimeZone("Asia/Kolkata")}},
			} {
				if zone.fields != nil && d.vendor == testenv.PostgreSQLVendor {
					continue // PostgreSQL stores the zone
				}
				t.Run(fmt.Sprintf("%s/%s/%s", version.Name, d.name, zone.name), func(t *testing.T) {
					t.Parallel()
					config := testenv.Config{Database: d.newFor(t, version), DatabaseFields: zone.fields,
						Settings: map[string]any{"SECRET_KEY": secret, "USE_TZ": true}}
					maps.Copy(config.Settings, zone.extra)
					c := openCell(t, version, config, nil)
					compareExpiries(t, c, c.stop(t, zone.opts...))
				})
			}
		}
	}
}
