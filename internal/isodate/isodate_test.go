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

// What is written is what isoformat writes for the offset, and can be read again.
func TestOffsetsAreWrittenAsPythonDoes(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for offset, want := range map[int]string{
		0:      "2026-03-01T12:00:00+00:00",
		19800:  "2026-03-01T17:30:00+05:30",
		-3600:  "2026-03-01T11:00:00-01:00",
		1:      "2026-03-01T12:00:01+00:00:01",
		-1:     "2026-03-01T11:59:59-00:00:01",
		-59:    "2026-03-01T11:59:01-00:00:59",
		-60:    "2026-03-01T11:59:00-00:01",
		-61:    "2026-03-01T11:58:59-00:01:01",
		86399:  "2026-03-02T11:59:59+23:59:59",
		-86399: "2026-02-28T12:00:01-23:59:59",
		86340:  "2026-03-02T11:59:00+23:59",
	} {
		text, err := AppendFormat(nil, noon.In(time.FixedZone("", offset)))
		if err != nil || string(text) != want {
			t.Errorf("an offset of %d s: %s, %v; want %s", offset, text, err, want)
		}
		if back, aware, err := Parse(string(text)); err != nil || !aware || !back.Equal(noon) {
			t.Errorf("%s is read as %v, %v", text, back, err)
		}
	}
	for _, offset := range []int{86400, -86400, 25 * 3600, -25 * 3600, 100 * 3600, -1 << 31} {
		text, err := AppendFormat([]byte("x"), noon.In(time.FixedZone("", offset)))
		if err != ErrOffset || string(text) != "x" {
			t.Errorf("an offset of %d s: %s, %v", offset, text, err)
		}
	}
}

// Z is the whole of an offset.
func TestNothingFollowsZ(t *testing.T) {
	for _, text := range []string{"2026-03-01T12:00Z01:00", "2026-03-01T12:00ZZ", "2026-03-01T12:00Z "} {
		if got, _, err := Parse(text); err != ErrFormat {
			t.Errorf("%s is read as %v, %v", text, got, err)
		}
	}
}
