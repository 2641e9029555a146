package localtime

import (
	"testing"
	"time"
)

func TestWall(t *testing.T) {
	const layout = "2006-01-02 15:04:05"
	for _, c := range []struct{ zone, wall, utc, shown string }{
		{"America/Chicago", "2026-03-08 01:59:59", "2026-03-08 07:59:59", "2026-03-08 01:59:59"},
		{"America/Chicago", "2026-03-08 02:30:00", "2026-03-08 08:30:00", "2026-03-08 03:30:00"},
		{"America/Chicago", "2026-03-08 03:30:00", "2026-03-08 08:30:00", "2026-03-08 03:30:00"},
		{"America/Chicago", "2026-11-01 01:30:00", "2026-11-01 06:30:00", "2026-11-01 01:30:00"},
		{"Europe/Berlin", "2026-03-29 02:15:00", "2026-03-29 01:15:00", "2026-03-29 03:15:00"},
		{"Australia/Lord_Howe", "2026-10-04 02:15:00", "2026-10-03 15:45:00", "2026-10-04 02:45:00"},
		{"Pacific/Apia", "2011-12-30 12:00:00", "2011-12-30 22:00:00", "2011-12-31 12:00:00"},
		{"UTC", "2026-03-08 02:30:00", "2026-03-08 02:30:00", "2026-03-08 02:30:00"},
	} {
		t.Run(c.zone+" "+c.wall, func(t *testing.T) {
			loc, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			w, err := time.Parse(layout, c.wall)
			if err != nil {
				t.Fatal(err)
			}
			at := FromWall(w, loc)
			if got := at.UTC().Format(layout); got != c.utc {
				t.Errorf("the instant is %s, want %s", got, c.utc)
			}
			if got := Wall(at.Truncate(time.Microsecond), loc).Format(layout); got != c.wall {
				t.Errorf("Wall returns %s for it", got)
			}
			if got := Wall(at.UTC(), loc).Format(layout); got != c.shown {
				t.Errorf("the clocks show %s, want %s", got, c.shown)
			}
		})
	}
}

// TestOtherZone: what one zone's clocks skip is an ordinary time in another zone.
func TestOtherZone(t *testing.T) {
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	at := FromWall(time.Date(2026, 3, 8, 2, 30, 0, 0, time.UTC), chicago)
	if got := Wall(at, time.UTC); !got.Equal(at) {
		t.Errorf("in UTC it is %v", got)
	}
}

func TestSecond(t *testing.T) {
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"2026-11-01T05:59:59Z": "2026-11-01T05:59:59Z", // 00:59:59
		"2026-11-01T06:30:00Z": "2026-11-01T07:30:00Z", // the first 01:30
		"2026-11-01T07:30:00Z": "2026-11-01T07:30:00Z", // the second
		"2026-11-01T08:00:00Z": "2026-11-01T08:00:00Z", // 02:00
		"2026-03-08T08:30:00Z": "2026-03-08T08:30:00Z", // 03:30, after 02:30 was skipped
		"2026-06-01T12:00:00Z": "2026-06-01T12:00:00Z",
	} {
		instant, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := Second(instant, chicago).UTC().Format(time.RFC3339); got != want {
			t.Errorf("after %s it is %s, want %s", at, got, want)
		}
	}
	skipped := FromWall(time.Date(2026, 3, 8, 2, 30, 0, 0, time.UTC), chicago)
	if got := Second(skipped, chicago); !got.Equal(skipped) {
		t.Errorf("a skipped time is moved to %v", got)
	}
}
