package sqldb

import (
	"testing"
	"time"

	"github.com/djsession/djsession/internal/localtime"
)

// TestClockForms: only Django's form is a time, whatever else time.Parse accepts.
func TestClockForms(t *testing.T) {
	c := Clock{naive: time.UTC}
	for text, want := range map[string]string{
		"2026-03-01 12:00:00":        "2026-03-01T12:00:00Z",
		"2026-03-01 12:00:00.5":      "2026-03-01T12:00:00.5Z",
		"2026-03-01 12:00:00.000001": "2026-03-01T12:00:00.000001Z",
		"2026-03-01 12:00:00.000000": "2026-03-01T12:00:00Z",
		"2024-02-29 00:00:00":        "2024-02-29T00:00:00Z",
		"0001-01-01 00:00:00":        "0001-01-01T00:00:00Z",
		"9999-12-31 23:59:59.999999": "9999-12-31T23:59:59.999999Z",

		"":                              "",
		"2026-03-01":                    "",
		"2026-03-01 12:00":              "",
		"2026-03-01   12:00:00":         "",
		"2026-03-01  2:00:00":           "",
		"2026-03-01 2:00:00":            "",
		"2026-3-01 12:00:00":            "",
		"2026-03- 1 12:00:00":           "",
		" 2026-03-01 12:00:00":          "",
		"2026-03-01 12:00:00 ":          "",
		"2026-03-01 12:00:00\n":         "",
		"2026-03-01T12:00:00":           "",
		"2026-03-01 12:00:00Z":          "",
		"2026-03-01 12:00:00+00:00":     "",
		"2026-03-01 12:00:00,5":         "",
		"2026-03-01 12:00:00.":          "",
		"2026-03-01 12:00:00. 5":        "",
		"2026-03-01 12:00:00.+5":        "",
		"2026-03-01 12:00:00.-5":        "",
		"2026-03-01 12:00:00.1234567":   "",
		"2026-03-01 12:00:00.5.5":       "",
		"2026-03-01 12:00:00.1_0":       "",
		"2026-03-01 12:00:00.١":         "",
		"2026-03-01 12:00:60":           "",
		"2026-03-01 12:60:00":           "",
		"2026-03-01 24:00:00":           "",
		"2026-02-29 12:00:00":           "",
		"2026-02-30 12:00:00":           "",
		"2026-13-01 12:00:00":           "",
		"2026-00-01 12:00:00":           "",
		"2026-03-00 12:00:00":           "",
		"0000-03-01 12:00:00":           "",
		"-2026-03-01 12:00:00":          "",
		"+2026-03-01 12:00:00":          "",
		"12026-03-01 12:00:00":          "",
		"２０２６-03-01 12:00:00":           "",
		"2026-03-01 +1:00:00":           "",
		"2026-03-01 12:00:00\x00":       "",
		"2026-03-01 12:00:00 BC":        "",
		"infinity":                      "",
		"1772366400":                    "",
		"0000-00-00 00:00:00":           "",
		"2026-03-01 12:00:00 PM":        "",
		"2026-03-01 12:00:00.5+05:30":   "",
		"2026-03-01 12:00:00.123456789": "",
	} {
		got, err := c.Parse("expire_date", text)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q is read as %v", text, got)
		case want != "" && (err != nil || got.Format(time.RFC3339Nano) != want):
			t.Errorf("%q is read as %v, %v", text, got, err)
		}
	}
	for _, column := range []any{nil, 1772366400, 1.5, true} {
		if got, err := c.Parse("expire_date", column); err == nil {
			t.Errorf("%v is read as %v", column, got)
		}
	}
}

// TestSkippedHour: what localtime.FromWall made of a time that the clocks skip is written as
// Django writes it, to the microsecond, and any other instant as the clocks show it.
func TestSkippedHour(t *testing.T) {
	chicago, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	at := localtime.FromWall(time.Date(2026, 3, 8, 2, 30, 0, 1999, time.UTC), chicago)
	for _, c := range []struct {
		clock Clock
		at    time.Time
		want  any
	}{
		{Clock{naive: chicago}, at, "2026-03-08 02:30:00.000001"},
		{Clock{naive: chicago}, at.UTC(), "2026-03-08 03:30:00.000001"},
		{Clock{naive: time.UTC}, at, "2026-03-08 08:30:00.000001"},
		{Clock{}, at, time.Date(2026, 3, 8, 8, 30, 0, 1000, time.UTC)},
	} {
		if got := c.clock.Param(c.at); got != c.want {
			t.Errorf("Param returns %v, want %v", got, c.want)
		}
	}
}
