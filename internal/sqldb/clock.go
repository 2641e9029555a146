package sqldb

import (
	"errors"
	"fmt"
	"time"
)

// Clock converts between instants and a datetime column's notion of time.
type Clock struct {
	naive *time.Location // nil where the column knows the zone itself
}

const (
	naiveSeconds = "2006-01-02 15:04:05"
	naiveMicros  = "2006-01-02 15:04:05.000000"
)

// Param is t as Django would bind it: an instant, or the text of a naive time,
// which has no fraction when that is 0. SQLite compares it as text.
func (c Clock) Param(t time.Time) any {
	t = t.Truncate(time.Microsecond)
	if c.naive == nil {
		return t.UTC()
	}
	t = t.In(c.naive)
	if t.Nanosecond() == 0 {
		return t.Format(naiveSeconds)
	}
	return t.Format(naiveMicros)
}

// Parse is the reverse of Param, for a column of the given name. MySQL pads the fraction with zeros.
func (c Clock) Parse(name string, column any) (time.Time, error) {
	switch v := column.(type) {
	case time.Time:
		return v.UTC(), nil
	case []byte:
		return c.Parse(name, string(v))
	case string:
		t, err := time.ParseInLocation(naiveSeconds, v, c.location())
		if err != nil {
			return t, fmt.Errorf("a time in %s is not of Django's form YYYY-MM-DD HH:MM:SS[.ffffff]", name)
		}
		return t.UTC(), nil
	}
	return time.Time{}, fmt.Errorf("%s is a %T, not a time", name, column)
}

func (c Clock) location() *time.Location {
	if c.naive == nil {
		return time.UTC
	}
	return c.naive
}

// Zones are the settings on which a Clock depends.
type Zones struct {
	UseTZ    *bool  // USE_TZ; nil if it was not said
	TimeZone string // TIME_ZONE
	Database string // TIME_ZONE of the entry in DATABASES, if it has one
}

// ClockOf finds out which times the columns of a database hold. PostgreSQL's
// know their zone.
func ClockOf(d Dialect, z Zones) (Clock, error) {
	switch {
	case d == PostgreSQL:
		return Clock{}, nil
	case z.UseTZ == nil:
		return Clock{}, fmt.Errorf("setting USE_TZ must be said for %s, which keeps times without a zone (Django's default is False before 5.0 and True since)", d)
	case !*z.UseTZ && z.Database != "":
		return Clock{}, errors.New("WithTimeZone is for USE_TZ = True; under False Django keeps times in TIME_ZONE")
	case !*z.UseTZ:
		if z.TimeZone == "" {
			return Clock{}, errors.New("setting TIME_ZONE must be said when USE_TZ is False (Django's own default is America/Chicago)")
		}
		return clockIn("setting TIME_ZONE", z.TimeZone)
	case z.Database == "":
		return Clock{time.UTC}, nil
	}
	return clockIn("WithTimeZone", z.Database)
}

// clockIn is of a column that holds the naive times of a zone; said is where that was said.
func clockIn(said, zone string) (Clock, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" { // which is no name to Django
		return Clock{}, fmt.Errorf("%s: %q is not in the time zone database of this machine", said, zone)
	}
	return Clock{loc}, nil
}
