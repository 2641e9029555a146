package isodate

import (
	"errors"
	"strings"
	"time"

	"github.com/djsession/djsession/internal/localtime"
)

var (
	// ErrFormat is the error for a text that is not an ISO 8601 date.
	ErrFormat = errors.New("not an ISO 8601 date")
	// ErrRange is the error for a year that Python's datetime does not have.
	ErrRange = errors.New("a date's year must be 1 to 9999")
	// ErrOffset is the error for an offset that Python's datetime does not have.
	ErrOffset = errors.New("a date's offset from UTC must be less than 24 hours")
)

// Parse reads what datetime.fromisoformat reads of the form
// YYYY-MM-DD[*HH[:MM[:SS[.f]]][offset]], where * is any one character, and
// reports whether there was an offset. Without one, t is the wall clock as if it
// were UTC. The fraction is cut to microseconds.
func Parse(s string) (t time.Time, aware bool, err error) { return parse(s, 6) }

// ParseIn is Parse for a time.Time of Go's: a date without an offset is one in loc,
// nil being UTC, and the fraction may have nanoseconds, as encoding/json writes them.
func ParseIn(s string, loc *time.Location) (time.Time, error) {
	t, aware, err := parse(s, 9)
	if err == nil && !aware && loc != nil {
		t = localtime.FromWall(t, loc).In(loc)
	}
	return t, err
}

func parse(s string, fraction int) (t time.Time, aware bool, err error) {
	date, rest := s, ""
	if len(s) > 10 {
		date, rest = s[:10], s[10:]
	}
	t, err = time.Parse("2006-01-02", date)
	if err != nil || t.Year() < 1 {
		return t, false, ErrFormat
	}
	if rest == "" {
		return t, false, nil
	}
	clock, offset := cutRune(rest), ""
	sign := strings.IndexAny(clock, "+-Z")
	if sign >= 0 {
		clock, offset = clock[:sign], clock[sign:]
	}
	d, ok := parseClock(clock, fraction)
	if !ok {
		return t, false, ErrFormat
	}
	t = t.Add(d)
	if offset == "" || offset == "Z" {
		return t, offset != "", nil
	}
	o, ok := parseClock(offset[1:], fraction)
	if !ok {
		return t, false, ErrFormat
	}
	if offset[0] == '-' {
		o = -o
	}
	t = t.Add(-o)
	if o != 0 {
		t = t.In(time.FixedZone("", int(o/time.Second)))
	}
	return t, true, nil
}

// cutRune returns s without its first character.
func cutRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[i:]
		}
	}
	return ""
}

// parseClock reads HH[:MM[:SS[.f]]], the fraction cut to so many digits.
func parseClock(s string, fraction int) (time.Duration, bool) {
	var d time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		if i > 0 {
			if s == "" {
				return d, true
			}
			if s[0] != ':' {
				return 0, false
			}
			s = s[1:]
		}
		if len(s) < 2 || !digits(s[:2]) {
			return 0, false
		}
		n := time.Duration(s[0]-'0')*10 + time.Duration(s[1]-'0')
		if i == 0 && n > 23 || n > 59 {
			return 0, false
		}
		d += n * unit
		s = s[2:]
	}
	if s == "" {
		return d, true
	}
	if s[0] != '.' && s[0] != ',' || len(s) < 2 || !digits(s[1:]) {
		return 0, false
	}
	unit := 100 * time.Millisecond
	for _, c := range s[1:min(len(s), 1+fraction)] {
		d += time.Duration(c-'0') * unit
		unit /= 10
	}
	return d, true
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
