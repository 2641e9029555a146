package isodate

import (
	"testing"
	"time"
)

// A date without an offset is one in the zone, at the two hours of the year that differ
// as Python's fold=0.
func TestParseIn(t *testing.T) {
	for _, tt := range []struct {
		zone, text, want string
	}{
		{"Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T01:59:59+01:00"},
		{"Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T03:30:00+02:00"},   // skipped
		{"Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T02:30:00+02:00"},   // shown twice
		{"America/Chicago", "2026-03-08T02:30:00", "2026-03-08T03:30:00-05:00"}, // skipped
		{"America/Chicago", "2026-11-01T01:30:00", "2026-11-01T01:30:00-05:00"}, // shown twice
		{"Asia/Kolkata", "2026-11-01T01:30:00", "2026-11-01T01:30:00+05:30"},
		{"Asia/Kolkata", "2026-11-01T01:30:00+01:00", "2026-11-01T01:30:00+01:00"},
	} {
		loc, err := time.LoadLocation(tt.zone)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseIn(tt.text, loc)
		if text := got.Format(time.RFC3339); err != nil || text != tt.want {
			t.Errorf("%s in %s is %s, %v; want %s", tt.text, tt.zone, text, err, tt.want)
		}
	}
}
