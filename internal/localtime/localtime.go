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
	// time.Date does not say which of two offsets it chooses.
	first, before, ok := at(w, loc, -24*time.Hour)
	if ok {
		return first
	}
	if only, _, ok := at(w, loc, 24*time.Hour); ok {
		return only
	}
	return first.In(time.FixedZone(skipped+loc.String(), before))
}

// Second returns the second of the two instants at which the clocks in loc show what they show
// at t, and t itself if there is only one. PostgreSQL takes a naive time for the second.
func Second(t time.Time, loc *time.Location) time.Time {
	if second, _, ok := at(Wall(t, loc), loc, 24*time.Hour); ok {
		return second
	}
	return t
}

// at returns when the clocks show w with the offset from UTC that they have a while
// before or after, and whether they do show it then.
func at(w time.Time, loc *time.Location, around time.Duration) (t time.Time, offset int, ok bool) {
	_, offset = w.Add(around).In(loc).Zone()
	t = w.Add(-time.Duration(offset) * time.Second)
	return t, offset, Wall(t, loc).Equal(w)
}
