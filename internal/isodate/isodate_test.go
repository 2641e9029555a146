package isodate

import (
	"testing"
	"time"
)

// Wall and FromWall at the two hours of the year that differ, as Python's fold=0.
func TestWallClocks(t *testing.T) {
	for _, tt := range []struct {
		zone, wall, want string
	}{
		{"Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T01:59:59+01:00"},
		{"Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T03:30:00+02:00"}, // skipped
		{"Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T03:00:00+02:00"},
		{"Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T02:30:00+02:00"}, // shown twice
		{"Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T03:00:00+01:00"},
		{"America/Chicago", "2026-03-08T02:30:00", "2026-03-08T03:30:00-05:00"}, // skipped
		{"America/Chicago", "2026-11-01T01:30:00", "2026-11-01T01:30:00-05:00"}, // shown twice
		{"Asia/Kolkata", "2026-11-01T01:30:00", "2026-11-01T01:30:00+05:30"},
	} {
		loc, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		wall, aware, err := Parse(tt.wall)
		if err != nil || aware {
			t.Fatal(aware, err)
		}
		got := FromWall(wall, loc)
		if text := got.Format(time.RFC3339); text != tt.want {
			t.Errorf("%s in %s is %s, want %s", tt.wall, tt.zone, text, tt.want)
		}
		if back := Wall(got, loc); tt.want[:19] == tt.wall && !back.Equal(wall) {
			t.Errorf("%s in %s comes back as %v", tt.wall, tt.zone, back)
		}
	}
}
