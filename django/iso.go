package django

import (
	"errors"
	"strings"
	"time"
)

var errISO = errors.New("not an ISO 8601 date")

// isoFormat writes t as Python's datetime.isoformat does, without an offset.
func isoFormat(t time.Time) string {
	t = t.Truncate(time.Microsecond)
	if t.Nanosecond() == 0 {
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format("2006-01-02T15:04:05.000000")
}

// parseISO reads what datetime.fromisoformat reads of the form
// YYYY-MM-DD[*HH[:MM[:SS[.f]]][offset]], where * is any one character, and
// reports whether there was an offset. Without one, t is the wall clock as if it
// were UTC.
func parseISO(s string) (t time.Time, aware bool, err error) {
	date, rest := s, ""
	if len(s) > 10 {
		date, rest = s[:10], s[10:]
	}
	t, err = time.Parse("2006-01-02", date)
	if err == nil && t.Year() < 1 {
		err = errISO
	}
	if err != nil || rest == "" {
		return t, false, err
	}
	_, rest = cutRune(rest)
	clock, offset, sign := rest, "", time.Duration(0)
	if i := strings.IndexAny(rest, "+-Z"); i >= 0 {
		clock, offset = rest[:i], rest[i+1:]
		switch rest[i] {
		case '+':
			sign = 1
		case '-':
			sign = -1
		}
		aware = true
	}
	d, ok := parseClock(clock)
	if !ok || d >= 24*time.Hour {
		return t, false, errISO
	}
	t = t.Add(d)
	if !aware {
		return t, false, nil
	}
	if sign == 0 {
		if offset != "" {
			return t, false, errISO
		}
		return t, true, nil
	}
	o, ok := parseClock(offset)
	if !ok || o >= 24*time.Hour {
		return t, false, errISO
	}
	return t.Add(-sign * o), true, nil
}

func cutRune(s string) (first, rest string) {
	for i := range s {
		if i > 0 {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// parseClock reads HH[:MM[:SS[.f]]], the fraction cut to microseconds.
func parseClock(s string) (time.Duration, bool) {
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
		if i > 0 && n > 59 {
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
	for _, c := range s[1:min(len(s), 7)] {
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
