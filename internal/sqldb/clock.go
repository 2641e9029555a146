package sqldb

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/djsession/djsession/internal/localtime"
)

// Clock converts between instants and the times in a datetime column.
type Clock struct {
	naive *time.Location // nil where the column knows the zone itself
	// local is TIME_ZONE under USE_TZ = False if naive is nil: Django leaves it to
	// PostgreSQL which instant a naive time is.
	local *time.Location
}

const (
	naiveSeconds = "2006-01-02 15:04:05"
	naiveMicros  = "2006-01-02 15:04:05.000000"
)

// Param is t as Django would bind it: an instant, or the text of a naive time,
// which has no fraction when that is 0. SQLite compares it as text. A time that
// localtime.FromWall made of one that the clocks skip is written as that one.
func (c Clock) Param(t time.Time) any {
	t = t.Truncate(time.Microsecond)
	if c.naive == nil {
		if c.local != nil {
			t = localtime.Second(t, c.local)
		}
		return t.UTC()
	}
	t = localtime.Wall(t, c.naive)
	if t.Nanosecond() == 0 {
		return t.Format(naiveSeconds)
	}
	return t.Format(naiveMicros)
}

// Parse is the reverse of Param, for a column of the given name: a time.Time, or a text
// of the form YYYY-MM-DD HH:MM:SS, which may have a fraction of one to six digits.
// The result is in UTC. Of a time that the clocks show twice it is the first.
func (c Clock) Parse(name string, column any) (time.Time, error) {
	switch v := column.(type) {
	case time.Time:
		return v.UTC(), nil
	case []byte:
		return c.Parse(name, string(v))
	case string:
		t, ok := parseNaive(v)
		if !ok {
			return time.Time{}, fmt.Errorf("a time in %s is not of Django's form YYYY-MM-DD HH:MM:SS[.ffffff]", name)
		}
		if c.naive == nil {
			return t, nil
		}
		return localtime.FromWall(t, c.naive).UTC(), nil
	case nil:
		return time.Time{}, fmt.Errorf("%s is NULL", name)
	}
	return time.Time{}, fmt.Errorf("%s is a %T, not a time", name, column)
}

// parseNaive reads a naive time, as if it were in UTC.
func parseNaive(text string) (time.Time, bool) {
	whole, fraction, fractional := strings.Cut(text, ".")
	t, err := time.Parse(naiveSeconds, whole)
	// time.Parse takes more than one form, a blank for a zero for instance.
	if err != nil || t.Format(naiveSeconds) != whole || t.Year() < 1 {
		return time.Time{}, false
	}
	if !fractional {
		return t, true
	}
	if len(fraction) < 1 || len(fraction) > 6 || strings.Trim(fraction, "0123456789") != "" {
		return time.Time{}, false
	}
	micros, err := strconv.Atoi((fraction + "00000")[:6])
	return t.Add(time.Duration(micros) * time.Microsecond), err == nil
}

// Zones are the settings on which a Clock depends.
type Zones struct {
	UseTZ    *bool  // USE_TZ; nil if it is not set
	TimeZone string // TIME_ZONE
	Database string // TIME_ZONE of the entry in DATABASES, if it has one
}

// ClockOf returns the Clock of a database. PostgreSQL's columns know their zone.
func ClockOf(d Dialect, z Zones) (Clock, error) {
	switch {
	case d == PostgreSQL && (z.UseTZ == nil || *z.UseTZ || z.TimeZone == ""):
		return Clock{}, nil
	case d == PostgreSQL:
		c, err := clockIn("setting TIME_ZONE", z.TimeZone)
		return Clock{local: c.naive}, err
	case z.UseTZ == nil:
		return Clock{}, fmt.Errorf("setting USE_TZ must be set for %s, which keeps times without a zone (Django's default is False before 5.0 and True since)", d)
	case !*z.UseTZ && z.Database != "":
		return Clock{}, errors.New("WithTimeZone is for USE_TZ = True; under False Django keeps times in TIME_ZONE")
	case !*z.UseTZ:
		if z.TimeZone == "" {
			return Clock{}, errors.New("setting TIME_ZONE must be set when USE_TZ is False (Django's own default is America/Chicago)")
		}
		return clockIn("setting TIME_ZONE", z.TimeZone)
	case z.Database == "":
		return Clock{naive: time.UTC}, nil
	}
	return clockIn("WithTimeZone", z.Database)
}

// clockIn returns the Clock of a column that holds the naive times of a zone; source
// is where the zone was configured.
func clockIn(source, zone string) (Clock, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" { // which is no name to Django
		return Clock{}, fmt.Errorf("%s: %q is not in the time zone database of this machine", source, zone)
	}
	return Clock{naive: loc}, nil
}
