package sqldb

import (
	"errors"
	"fmt"
	"time"

	"github.com/djsession/djsession/internal/localtime"
)

// Clock converts between instants and the times in a datetime column.
type Clock struct {
	naive *time.Location // zone of the times in the column; nil on PostgreSQL, which stores instants
	local *time.Location // TIME_ZONE under USE_TZ = False on PostgreSQL
}

const (
	naiveSeconds = "2006-01-02 15:04:05"
	naiveMicros  = "2006-01-02 15:04:05.000000"
)

// Param returns t as Django would bind it: an instant, or the text of a naive time, without a
// fraction if that is 0, since SQLite compares texts. A time that localtime.FromWall made of
// one that the clocks skip is written as that one.
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

// Parse is the reverse of Param for the value of a column with this name: a time.Time, or a
// text YYYY-MM-DD HH:MM:SS with a fraction of up to six digits. The result is in UTC. Of a
// time that the clocks show twice it is the first.
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

// parseNaive reads a naive time as if it were in UTC. time.Parse accepts more forms, such as a
// blank for a zero, but Format writes only Django's.
func parseNaive(text string) (time.Time, bool) {
	if len(text) < len(naiveSeconds) || len(text) == len(naiveSeconds)+1 || len(text) > len(naiveMicros) {
		return time.Time{}, false
	}
	layout := naiveMicros[:len(text)]
	t, err := time.Parse(layout, text)
	var again [len(naiveMicros)]byte
	return t, err == nil && string(t.AppendFormat(again[:0], layout)) == text && t.Year() >= 1
}

// Zones are the settings on which a Clock depends.
type Zones struct {
	UseTZ    *bool  // USE_TZ; nil if it is not set
	TimeZone string // TIME_ZONE
	Database string // TIME_ZONE of the entry in DATABASES, from WithTimeZone
}

// ClockOf returns the Clock of a database.
func ClockOf(d Dialect, z Zones) (Clock, error) {
	switch {
	case d == PostgreSQL && (z.UseTZ == nil || *z.UseTZ || z.TimeZone == ""):
		return Clock{}, nil
	case d == PostgreSQL:
		loc, err := location("setting TIME_ZONE", z.TimeZone)
		return Clock{local: loc}, err
	case z.UseTZ == nil:
		return Clock{}, fmt.Errorf("setting USE_TZ must be set for %s, which keeps times without a zone (Django's default is False before 5.0 and True since)", d)
	case *z.UseTZ && z.Database == "":
		return Clock{naive: time.UTC}, nil
	case *z.UseTZ:
		loc, err := location("WithTimeZone", z.Database)
		return Clock{naive: loc}, err
	case z.Database != "":
		return Clock{}, errors.New("WithTimeZone is for USE_TZ = True; under False Django keeps times in TIME_ZONE")
	case z.TimeZone == "":
		return Clock{}, errors.New("setting TIME_ZONE must be set when USE_TZ is False (Django's own default is America/Chicago)")
	}
	loc, err := location("setting TIME_ZONE", z.TimeZone)
	return Clock{naive: loc}, err
}

// location loads a time zone; source is where it was configured.
func location(source, zone string) (*time.Location, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" { // which is no name to Django
		return nil, fmt.Errorf("%s: %q is not in the time zone database of this machine", source, zone)
	}
	return loc, nil
}
