package isodate

import "time"

// Wall returns what a clock in loc shows at t, as if it were UTC, so that
// differences are those of naive datetimes.
func Wall(t time.Time, loc *time.Location) time.Time {
	t = t.In(loc)
	_, offset := t.Zone()
	return time.Unix(t.Unix()+int64(offset), int64(t.Nanosecond())).UTC()
}

// FromWall is the reverse of Wall. An hour that the clock shows twice is the first of
// the two, and one that it skips is read as if the clock had not been put forward yet,
// as for Python's fold=0.
func FromWall(w time.Time, loc *time.Location) time.Time {
	// time.Date takes either of the two, depending on the zone.
	var skipped time.Time
	for i, around := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := w.Add(around).In(loc).Zone()
		t := w.Add(-time.Duration(offset) * time.Second).In(loc)
		if Wall(t, loc).Equal(w) {
			return t
		}
		if i == 0 {
			skipped = t
		}
	}
	return skipped
}
