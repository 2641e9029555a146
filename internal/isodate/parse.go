package isodate

import (
	"errors"
	"time"
	"unicode/utf8"

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
func Parse(s string) (t time.Time, aware bool, err error) { return parse(s, time.Microsecond) }

// ParseIn is Parse for Go's time.Time: a date without an offset is one in loc,
// nil being UTC, and the fraction may have nanoseconds, as encoding/json writes them.
func ParseIn(s string, loc *time.Location) (time.Time, error) {
	t, aware, err := parse(s, time.Nanosecond)
	if err == nil && !aware && loc != nil {
		t = localtime.FromWall(t, loc).In(loc)
	}
	return t, err
}

// parse cuts fractions to the precision.
func parse(s string, precision time.Duration) (t time.Time, aware bool, err error) {
	n := min(len(s), len(time.DateOnly))
	date, s := s[:n], s[n:]
	t, err = time.Parse(time.DateOnly, date)
	if err != nil || t.Year() < 1 {
		return t, false, ErrFormat
	}
	if s == "" {
		return t, false, nil
	}
	_, n = utf8.DecodeRuneInString(s)
	clock, s, ok := cutClock(s[n:], precision)
	if !ok {
		return t, false, ErrFormat
	}
	t = t.Add(clock)
	if s == "" || s == "Z" {
		return t, s == "Z", nil
	}
	sign := s[0]
	offset, s, ok := cutClock(s[1:], precision)
	if !ok || s != "" || sign != '+' && sign != '-' {
		return t, false, ErrFormat
	}
	if sign == '-' {
		offset = -offset
	}
	t = t.Add(-offset)
	if offset != 0 {
		t = t.In(time.FixedZone("", int(offset/time.Second)))
	}
	return t, true, nil
}

// cutClock reads the HH[:MM[:SS[.f]]] that s begins with, and returns what follows it.
func cutClock(s string, precision time.Duration) (clock time.Duration, rest string, ok bool) {
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		if i > 0 {
			if s == "" || s[0] != ':' {
				return clock, s, true
			}
			s = s[1:]
		}
		n := digits(s)
		if n < 2 {
			return 0, s, false
		}
		value := time.Duration(s[0]-'0')*10 + time.Duration(s[1]-'0')
		if value > 59 || i == 0 && value > 23 {
			return 0, s, false
		}
		clock += value * unit
		s = s[2:]
	}
	if s == "" || s[0] != '.' && s[0] != ',' {
		return clock, s, true
	}
	s = s[1:]
	n := digits(s)
	unit := time.Second
	for _, c := range s[:n] {
		unit /= 10
		clock += time.Duration(c-'0') * unit
	}
	return clock.Truncate(precision), s[n:], n > 0
}

// digits returns how many digits s begins with.
func digits(s string) (n int) {
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}
