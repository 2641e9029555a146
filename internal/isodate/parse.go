package isodate

import (
	"errors"
	"regexp"
	"strconv"
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

const clock = `([01]\d|2[0-3])(?::([0-5]\d)(?::([0-5]\d)(?:[.,](\d+))?)?)?`

var format = regexp.MustCompile(`(?s)^(\d{4}-\d\d-\d\d)(?:.` + clock + `(Z|[+-]` + clock + `)?)?$`)

// Parse reads what datetime.fromisoformat reads of the form
// YYYY-MM-DD[*HH[:MM[:SS[.f]]][offset]], where * is any one character, and
// reports whether there was an offset. Without one, t is the wall clock as if it
// were UTC. The fraction is cut to microseconds.
func Parse(s string) (t time.Time, aware bool, err error) { return parse(s, 6) }

// ParseIn is Parse for Go's time.Time: a date without an offset is one in loc,
// nil being UTC, and the fraction may have nanoseconds, as encoding/json writes them.
func ParseIn(s string, loc *time.Location) (time.Time, error) {
	t, aware, err := parse(s, 9)
	if err == nil && !aware && loc != nil {
		t = localtime.FromWall(t, loc).In(loc)
	}
	return t, err
}

// parse reads so many digits of a fraction.
func parse(s string, fraction int) (t time.Time, aware bool, err error) {
	part := format.FindStringSubmatch(s)
	if part == nil {
		return t, false, ErrFormat
	}
	t, err = time.Parse(time.DateOnly, part[1])
	if err != nil || t.Year() < 1 {
		return t, false, ErrFormat
	}
	t = t.Add(duration(part[2:6], fraction))
	offset := duration(part[7:11], fraction)
	if part[6] != "" && part[6][0] == '-' {
		offset = -offset
	}
	t = t.Add(-offset)
	if offset != 0 {
		t = t.In(time.FixedZone("", int(offset/time.Second)))
	}
	return t, part[6] != "", nil
}

// duration adds hours, minutes, seconds and a fraction of so many digits.
func duration(clock []string, fraction int) time.Duration {
	var sum time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(clock[i]) // it is digits, or empty
		sum += time.Duration(n) * unit
	}
	const zeros = "000000000"
	nanos, _ := strconv.Atoi((clock[3] + zeros)[:fraction] + zeros[fraction:])
	return sum + time.Duration(nanos)
}
