// Package localtime converts between instants and what the clocks of a time zone
// show, as Python does for datetimes without a time zone.
package localtime

import "time"

// skipped is the name of the Location in which FromWall returns a time that the
// clocks skip, followed by the name of the zone.
const skipped = "skipped in "

// Wall returns what the clocks in loc show at t, as a time in UTC, so that differences
// between two of them are those of naive datetimes. For a t that [FromWall] made of a
// time that the clocks in loc skip, it is that time.
func Wall(t time.Time, loc *time.Location) time.Time {
	if t.Location().String() != skipped+loc.String() {
		t = t.In(loc)
	}
	_, offset := t.Zone()
	return time.Unix(t.Unix()+int64(offset), int64(t.Nanosecond())).UTC()
}

// FromWall returns the instant at which the clocks in loc show w, whose own Location is
// ignored. A time that they show twice is the first of the two, as for Python's fold=0.
// For one that they skip, when daylight saving begins, the offset before the change counts,
// as in Python and PostgreSQL; the result's Location, which UTC and In drop, lets
// Wall return w.
func FromWall(w time.Time, loc *time.Location) time.Time {
	w = time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), w.Nanosecond(), time.UTC)
	var before int
	// time.Date does not say which of two offsets it chooses.
	for i, around := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, offset := w.Add(around).In(loc).Zone()
		t := w.Add(-time.Duration(offset) * time.Second)
		if Wall(t, loc).Equal(w) {
			return t
		}
		if i == 0 {
			before = offset
		}
	}
	zone := time.FixedZone(skipped+loc.String(), before)
	return w.Add(-time.Duration(before) * time.Second).In(zone)
}
