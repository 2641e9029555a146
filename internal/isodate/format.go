// Package isodate writes and reads dates as Python's datetime does with isoformat and
// fromisoformat.
package isodate

import "time"

// AppendFormat appends t as an aware datetime's isoformat writes it: six digits of
// microseconds, or none if they are 0, and the offset as +00:00, with seconds only if
// it has some. The error is ErrRange if Python has no such year, and ErrOffset if it has no
// such offset.
func AppendFormat(dst []byte, t time.Time) ([]byte, error) {
	if y := t.Year(); y < 1 || y > 9999 {
		return dst, ErrRange
	}
	_, offset := t.Zone()
	if offset <= -day || offset >= day {
		return dst, ErrOffset
	}
	return appendOffset(AppendNaive(dst, t), offset), nil
}

// day is the number of seconds that a datetime's offset must be less than.
const day = 24 * 60 * 60

// appendOffset appends an offset in seconds. AppendFormat of time.Time cannot write one between
// 0 and -60.
func appendOffset(dst []byte, offset int) []byte {
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	clock := time.Unix(int64(offset), 0).UTC()
	dst = append(dst, sign)
	if offset%60 != 0 {
		return clock.AppendFormat(dst, "15:04:05")
	}
	return clock.AppendFormat(dst, "15:04")
}

// AppendNaive is AppendFormat without the offset, and does not check the year.
func AppendNaive(dst []byte, t time.Time) []byte {
	t = t.Truncate(time.Microsecond)
	if t.Nanosecond() == 0 {
		return t.AppendFormat(dst, "2006-01-02T15:04:05")
	}
	return t.AppendFormat(dst, "2006-01-02T15:04:05.000000")
}
