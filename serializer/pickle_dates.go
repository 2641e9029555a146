package serializer

import (
	"strings"
	"time"

	"github.com/djsession/djsession/internal/isodate"
	"github.com/djsession/djsession/internal/localtime"
)

// date returns the ISO text of a datetime.datetime or datetime.date. One with a time zone gets the offset that the zone has at
// that time, if that can be known.
func (g *graph) date(i instance) (text []byte, ok bool) {
	b := g.textOf(i.arg(0), nodeBytes)
	switch {
	case i.class == "datetime.date" && len(b) == 4:
		b += "\x00\x00\x00\x00\x00\x00"
	case i.class != "datetime.datetime" || len(b) != 10:
		return nil, false
	}
	month, micros := time.Month(b[2]&0x7f), int(b[7])<<16|int(b[8])<<8|int(b[9])
	wall := time.Date(int(b[0])<<8|int(b[1]), month, int(b[3]), int(b[4]), int(b[5]), int(b[6]), micros*1000, time.UTC)
	if wall.Month() != month || wall.Day() != int(b[3]) || wall.Minute() != int(b[5]) || wall.Second() != int(b[6]) || wall.Year() < 1 || wall.Year() > 9999 {
		return nil, false
	}
	switch {
	case i.class == "datetime.date":
		return wall.AppendFormat(nil, time.DateOnly), true
	case i.arg(1) == refNone:
		return isodate.AppendNaive(nil, wall), true
	}
	zone, ok := g.zone(i.arg(1))
	if !ok {
		return nil, false
	}
	t := localtime.FromWall(wall, zone)
	if b[2] >= 0x80 { // fold=1
		t = localtime.Second(t, zone)
	}
	text, err := isodate.AppendFormat(nil, t.In(zone))
	return text, err == nil
}

// clock returns the ISO text of a datetime.time without a time zone.
func (g *graph) clock(i instance) (text []byte, ok bool) {
	b := g.textOf(i.arg(0), nodeBytes)
	if len(b) != 6 || len(i.args) > 1 {
		return nil, false
	}
	micros := int(b[3])<<16 | int(b[4])<<8 | int(b[5])
	hour := int(b[0] & 0x7f)
	t := time.Date(1, 1, 1, hour, int(b[1]), int(b[2]), micros*1000, time.UTC)
	if t.Hour() != hour || t.Minute() != int(b[1]) || t.Second() != int(b[2]) {
		return nil, false
	}
	return isodate.AppendNaive(nil, t)[len("0001-01-01T"):], true
}

// zone returns the time zone that a tzinfo is, at the time of the datetime that has it.
func (g *graph) zone(r ref) (*time.Location, bool) {
	i, ok := g.instance(r)
	if !ok {
		return nil, false
	}
	switch i.class {
	case "datetime.timezone":
		d, ok := g.duration(i.arg(0))
		return fixedZone(d, ok)
	case "pytz._UTC", "dateutil.tz.tz.tzutc", "django.utils.timezone.UTC":
		return time.UTC, true
	case "pytz._FixedOffset", "pytz.FixedOffset":
		minutes, ok := g.integer(i.arg(0))
		return fixedZone(time.Duration(minutes)*time.Minute, ok && minutes < 24*60 && minutes > -24*60)
	case "pytz._p":
		if seconds, ok := g.integer(i.arg(1)); ok {
			return fixedZone(time.Duration(seconds)*time.Second, seconds < 24*3600 && seconds > -24*3600)
		}
		return g.namedZone(g.textOf(i.arg(0), nodeStr))
	case "zoneinfo.ZoneInfo._unpickle", "backports.zoneinfo.ZoneInfo._unpickle":
		return g.namedZone(g.textOf(i.arg(0), nodeStr))
	}
	return nil, false
}

func fixedZone(offset time.Duration, ok bool) (*time.Location, bool) {
	if !ok || offset%time.Second != 0 || offset <= -24*time.Hour || offset >= 24*time.Hour {
		return nil, false
	}
	return time.FixedZone("", int(offset/time.Second)), true
}

// namedZone returns a zone of the time zone database, which it reads from a file once for each pickle.
func (g *graph) namedZone(name string) (*time.Location, bool) {
	zone, ok := g.zones[name]
	if !ok {
		name = strings.Clone(name) // which the zone keeps
		if name != "" && name != "Local" {
			zone, _ = time.LoadLocation(name)
		}
		if g.zones == nil {
			g.zones = map[string]*time.Location{}
		}
		g.zones[name] = zone
	}
	return zone, zone != nil
}
