// Package isodate writes and reads dates as Python's datetime does with isoformat and
// fromisoformat.
package isodate

import "time"

// AppendFormat appends t as an aware datetime's isoformat writes it: six digits of
// microseconds, or none if they are 0, and the offset as +00:00, with seconds only if
// it has some. The error is ErrRange if Python has no such year.
func AppendFormat(dst []byte, t time.Time) ([]byte, error) {
	if y := t.Year(); y < 1 || y > 9999 {
		return dst, ErrRange
	}
	dst = AppendNaive(dst, t)
	if _, offset := t.Zone(); offset%60 != 0 {
		return t.AppendFormat(dst, "-07:00:00"), nil
	}
	return t.AppendFormat(dst, "-07:00"), nil
}

// AppendNaive is AppendFormat without the offset, and does not check the year.
func AppendNaive(dst []byte, t time.Time) []byte {
	t = t.Truncate(time.Microsecond)
	if t.Nanosecond() == 0 {
		return t.AppendFormat(dst, "2006-01-02T15:04:05")
	}
	return t.AppendFormat(dst, "2006-01-02T15:04:05.000000")
}
