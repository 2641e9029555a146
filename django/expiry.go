package django

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/djsession/djsession/internal/isodate"
	"github.com/djsession/djsession/internal/localtime"
	"github.com/djsession/djsession/serializer"
)

const expiryKey = "_session_expiry"

// SetExpiry has the session expire after age without activity, in whole
// seconds. 0 is until the browser closes. Django's set_expiry with an int.
//
// For a fixed moment, which in Django a timedelta also means, see SetExpiryDate.
func (s *Session) SetExpiry(age time.Duration) error {
	if age%time.Second != 0 {
		return errors.New("django: SetExpiry takes whole seconds")
	}
	return s.Set(expiryKey, int64(age/time.Second))
}

// SetExpiryDate has the session expire at t, to the microsecond, whatever its
// activity. The site's USE_TZ, and if it is False its TIME_ZONE, must be set in
// the settings; sites before Django 4.1 cannot hold a date in a JSON session.
// Django's set_expiry with a datetime.
func (s *Session) SetExpiryDate(t time.Time) error {
	set := &s.site.settings
	if set.UseTZ != nil && !*set.UseTZ {
		t = t.In(s.site.resolved.location)
	} else {
		t = t.UTC()
	}
	switch {
	case !isPythonYear(t):
		return errors.New("django: SetExpiryDate takes a date of a year from 1 to 9999, as Python's datetime does")
	case !s.site.resolved.version.readsDates():
		return fmt.Errorf("django: Django %s cannot read an expiry date in a JSON session; use SetExpiry", s.site.resolved.version)
	case set.UseTZ == nil:
		return settingError("USE_TZ", "must be set before a session can hold an expiry date")
	case *set.UseTZ:
		return s.Set(expiryKey, string(isodate.AppendNaive(nil, t.UTC()))+"+00:00")
	default:
		return s.Set(expiryKey, string(isodate.AppendNaive(nil, t.In(s.site.resolved.location))))
	}
}

// ResetExpiry removes an expiry that was set, so that SESSION_COOKIE_AGE and
// SESSION_EXPIRE_AT_BROWSER_CLOSE hold again. Django's set_expiry(None).
func (s *Session) ResetExpiry() { s.Delete(expiryKey) }

// ExpiryAge returns how long the session lives from now on, in whole seconds
// and at the most the 292 years that a Duration holds; it is negative for a date
// that has passed. An expiry in the data that makes no
// sense is an error, where Django raises. Django's get_expiry_age.
func (s *Session) ExpiryAge() (time.Duration, error) {
	l, err := s.site.lifetime(s.snapshot())
	return secondsDuration(l.age), err
}

// ExpiryDate returns when the session expires if it is saved now, in UTC.
// Django's get_expiry_date.
func (s *Session) ExpiryDate() (time.Time, error) {
	l, err := s.site.lifetime(s.snapshot())
	return l.date.UTC(), err
}

// ExpireAtBrowserClose reports whether the session's cookie ends with the
// browser. Its row in the store lives SESSION_COOKIE_AGE all the same. Django's
// get_expire_at_browser_close.
func (s *Session) ExpireAtBrowserClose() bool {
	return s.site.expireAtBrowserClose(s.snapshot())
}

func (ss *Sessions) expireAtBrowserClose(d *serializer.Dict) bool {
	v, ok := d.Get(expiryKey)
	if !ok {
		return ss.settings.SessionExpireAtBrowserClose
	}
	var expiry any
	if v.Decode(&expiry) != nil {
		return false
	}
	switch e := expiry.(type) {
	case nil:
		return ss.settings.SessionExpireAtBrowserClose
	case bool:
		return !e
	case int64:
		return e == 0
	case float64:
		return e == 0
	}
	return false
}

// lifetime is how long a session lives, both ways that Django puts it.
type lifetime struct {
	age  int64         // seconds, for the cookie
	rest time.Duration // what a float has beyond them
	date time.Time     // for the store; see localtime.FromWall for its Location
}

// lifetime reads the session's own expiry out of its data. Under USE_TZ = False
// Django reckons with naive local times, across changes of the clock too; so
// does this.
func (ss *Sessions) lifetime(d *serializer.Dict) (lifetime, error) {
	now := ss.codec.Now()
	v, ok := d.Get(expiryKey)
	if !ok {
		return ss.livesByDefault(now)
	}
	var expiry any
	if err := v.Decode(&expiry); err != nil {
		return lifetime{}, errExpiry("cannot be read")
	}
	switch e := expiry.(type) {
	case nil:
		return ss.livesByDefault(now)
	case bool:
		if e {
			return ss.livesFor(now, 1)
		}
		return ss.livesByDefault(now)
	case int64:
		return ss.livesFor(now, float64(e))
	case float64:
		return ss.livesFor(now, e)
	case *big.Int:
		return lifetime{}, errExpiry("is out of range")
	case string:
		if e == "" {
			return ss.livesByDefault(now)
		}
		if v := ss.resolved.version; !v.readsDates() {
			return lifetime{}, errExpiry(fmt.Sprintf("is a date, which Django %s cannot read", v))
		}
		return ss.livesUntil(now, e)
	case []any:
		if len(e) == 0 {
			return ss.livesByDefault(now)
		}
	case map[string]any:
		if len(e) == 0 {
			return ss.livesByDefault(now)
		}
	}
	return lifetime{}, errExpiry("is neither a number of seconds nor a date")
}

// duration is Django's get_expiry_age, at most the 292 years that a Duration holds.
func (l lifetime) duration() time.Duration { return secondsDuration(l.age) }

func errExpiry(problem string) error {
	return fmt.Errorf("%w: %q %s; set it with SetExpiry or SetExpiryDate", ErrExpiry, expiryKey, problem)
}

func (ss *Sessions) livesByDefault(now time.Time) (lifetime, error) {
	age := ss.settings.SessionCookieAge
	if age <= maxAge {
		if date := ss.addMicros(now, age*1e6); isPythonYear(date) {
			return lifetime{age: age, date: date}, nil
		}
	}
	return lifetime{}, fmt.Errorf("%w: by SESSION_COOKIE_AGE it would end after the year 9999", ErrExpiry)
}

// maxAge is more seconds than lie between any two dates of Python's.
const maxAge = 9999 * 366 * 86400

// isPythonYear reports whether Python's datetime has the date's year.
func isPythonYear(date time.Time) bool { return date.Year() >= 1 && date.Year() <= 9999 }

func (ss *Sessions) livesFor(now time.Time, seconds float64) (lifetime, error) {
	if seconds == 0 {
		return ss.livesByDefault(now)
	}
	if !(math.Abs(seconds) < maxAge) {
		return lifetime{}, errExpiry("is out of range")
	}
	// Python's timedelta rounds to the microsecond; the cookie gets whole seconds.
	date := ss.addMicros(now, int64(math.RoundToEven(seconds*1e6)))
	if !isPythonYear(date) {
		return lifetime{}, errExpiry("is out of range")
	}
	whole, rest := math.Modf(seconds)
	return lifetime{age: int64(whole), rest: time.Duration(rest * 1e9), date: date}, nil
}

// addMicros adds to the wall clock that Django would use.
func (ss *Sessions) addMicros(now time.Time, micros int64) time.Time {
	if loc := ss.naiveLocation(); loc != nil {
		return localtime.FromWall(addMicros(localtime.Wall(now, loc), micros), loc)
	}
	return addMicros(now.UTC(), micros)
}

// addMicros is time.Time.Add for spans that a time.Duration cannot hold.
func addMicros(t time.Time, micros int64) time.Time {
	t = t.Truncate(time.Microsecond)
	secs, rest := micros/1e6, micros%1e6
	return time.Unix(t.Unix()+secs, int64(t.Nanosecond())+rest*1e3).UTC()
}

func (ss *Sessions) livesUntil(now time.Time, text string) (lifetime, error) {
	t, aware, err := isodate.Parse(text)
	if err != nil {
		return lifetime{}, errExpiry("is not an ISO 8601 date")
	}
	useTZ := ss.settings.UseTZ
	if useTZ != nil && *useTZ != aware {
		return lifetime{}, errExpiry("does not fit USE_TZ: the date must have an offset exactly when USE_TZ is True")
	}
	now = now.Truncate(time.Microsecond)
	if aware {
		return lifetime{age: floorSeconds(t, now), date: t.UTC()}, nil
	}
	loc := ss.resolved.location
	if loc == nil {
		return lifetime{}, settingError("TIME_ZONE", "must be set to read a session's expiry date that has no offset")
	}
	return lifetime{age: floorSeconds(t, localtime.Wall(now, loc)), date: localtime.FromWall(t, loc)}, nil
}

// naiveLocation is the zone of Django's naive times, nil under USE_TZ.
func (ss *Sessions) naiveLocation() *time.Location {
	if ss.settings.UseTZ != nil && !*ss.settings.UseTZ {
		return ss.resolved.location
	}
	return nil
}

// floorSeconds is delta.days * 86400 + delta.seconds of Python's t - now.
func floorSeconds(t, now time.Time) int64 {
	secs := t.Unix() - now.Unix()
	if t.Nanosecond() < now.Nanosecond() {
		secs--
	}
	return secs
}

func secondsDuration(secs int64) time.Duration {
	const most = math.MaxInt64 / int64(time.Second)
	return time.Duration(max(-most, min(most, secs))) * time.Second
}
