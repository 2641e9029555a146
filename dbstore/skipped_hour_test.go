package dbstore_test

import (
	"testing"
	"time"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// TestSkippedHour: under USE_TZ = False Go stores the same expire_date as Django, in the
// hour that daylight saving skips, in the one that comes twice, and around them.
func TestSkippedHour(t *testing.T) {
	oldest, newest := testenv.Djangos(t)[0], testenv.NewestDjango(t)
	for _, version := range []testenv.Django{oldest, newest} {
		for name, vendor := range testenv.Vendors {
			if vendor != testenv.SQLiteVendor && version.Name != newest.Name {
				continue // each Django computes it, each database stores it
			}
			t.Run(version.Name+"/"+name, func(t *testing.T) {
				t.Parallel()
				d := withTable(t, vendor)
				w := version.Start(t, testenv.Config{Database: d, Settings: map[string]any{
					"USE_TZ": false, "TIME_ZONE": "America/Chicago", "SECRET_KEY": settings().SecretKey,
				}})
				now := time.Time{}
				set := settings()
				set.UseTZ, set.TimeZone = new(false), "America/Chicago"
				ss, err := django.New(set, dbstore.New(connect(t, d)), django.WithClock(func() time.Time { return now }))
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range []struct {
					now string // UTC
					age time.Duration
				}{
					{"2026-03-07T08:30:00Z", 24 * time.Hour},                 // 02:30, skipped
					{"2026-03-07T07:59:59.999999Z", 24*time.Hour + 1e9},      // 02:00:00.999999, skipped
					{"2026-03-07T07:59:59Z", 24 * time.Hour},                 // 01:59:59
					{"2026-03-07T09:00:00Z", 24 * time.Hour},                 // 03:00
					{"2026-03-08T07:30:00Z", time.Hour},                      // 02:30, skipped
					{"2026-03-08T08:30:00Z", time.Hour},                      // from after the change
					{"2026-10-31T06:30:00Z", 24 * time.Hour},                 // 01:30, twice
					{"2026-11-01T06:30:00Z", time.Hour},                      // from the first 01:30
					{"2026-11-01T07:30:00Z", time.Hour},                      // from the second 01:30
					{"2026-02-22T08:30:00.25Z", 14 * 24 * time.Hour},         // Django's default age, into the gap
					{"2026-06-01T12:00:00Z", 300 * 24 * time.Hour},           // 2027
					{"2025-03-08T08:30:00Z", 365*24*time.Hour + 7*time.Hour}, // a date of another kind
				} {
					at, err := time.Parse(time.RFC3339Nano, c.now)
					if err != nil {
						t.Fatal(err)
					}
					now = at
					testenv.Tell(t, w, "stop_clock", testenv.Args{"at": float64(at.UnixMicro()) / 1e6})
					row := testenv.Ask[testenv.Row](t, w, "create", testenv.Args{
						"values": fixtures.NewDict(), "expiry": fixtures.NewInt(int64(c.age / time.Second))})
					s := ss.NewSession()
					if err := s.SetExpiry(c.age); err != nil {
						t.Fatal(err)
					}
					save(t, s)
					mine := testenv.Ask[[]testenv.Row](t, w, "rows", testenv.Args{"session_keys": []string{s.Key()}})[0]
					if mine.ExpireDateText != row.ExpireDateText {
						t.Errorf("at %s with %v Go stores %s, Django %s", c.now, c.age, mine.ExpireDateText, row.ExpireDateText)
					}
					// A merge and a renewal keep to it.
					s = load(t, ss, s.Key())
					s.MarkModified()
					save(t, s)
					if mine = testenv.Ask[[]testenv.Row](t, w, "rows", testenv.Args{"session_keys": []string{s.Key()}})[0]; mine.ExpireDateText != row.ExpireDateText {
						t.Errorf("at %s with %v Go renews to %s, Django %s", c.now, c.age, mine.ExpireDateText, row.ExpireDateText)
					}
				}
			})
		}
	}
}
