package django

import (
	"cmp"
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

// SetExpiry makes the session expire after age without activity, in whole seconds; 0 means
// when the browser closes. Django's set_expiry with an int. For a fixed date, which in
// Django a timedelta also means, see SetExpiryDate.
func (s *Session) SetExpiry(age time.Duration) error {
	if age%time.Second != 0 {
		return errors.New("django: SetExpiry takes whole seconds")
	}
	return s.Set(expiryKey, int64(age/time.Second))
}

// SetExpiryDate makes the session expire at t, to the microsecond, whatever its activity.
// The settings need USE_TZ, and TIME_ZONE if that is False. Of Django before 4.1, only a
// pickled session can hold a date. Django's set_expiry with a datetime.
func (s *Session) SetExpiryDate(t time.Time) error {
	set, version := &s.site.settings, s.site.resolved.version
	loc, offset := s.site.naiveLocation(), ""
	if loc == nil {
		loc, offset = time.UTC, "+00:00"
	}
	t = t.In(loc)
	switch {
	case !isPythonYear(t):
		return errors.New("django: SetExpiryDate needs a year from 1 to 9999, as Python's datetime does")
	case !version.readsDates() && s.site.caps.Format != serializer.FormatPickle:
		return fmt.Errorf("django: Django %s cannot read an expiry date in a JSON session; use SetExpiry", version)
	case set.UseTZ == nil:
		return settingError("USE_TZ", "must be set before a session can hold an expiry date")
	}
	if !version.readsDates() {
		v, err := pickledDate(t, offset == "")
		if err != nil {
			return err
		}
		return s.Set(expiryKey, v)
	}
	return s.Set(expiryKey, string(isodate.AppendNaive(nil, t))+offset)
}

// pickledDate returns t as the datetime that Django before 4.1 puts into a session.
func pickledDate(t time.Time, naive bool) (serializer.Value, error) {
	if naive {
		return serializer.EncodePickle(serializer.NaiveTime(t))
	}
	return serializer.EncodePickle(t)
}

// ResetExpiry removes an expiry that was set, so that SESSION_COOKIE_AGE and
// SESSION_EXPIRE_AT_BROWSER_CLOSE apply again. Django's set_expiry(None).
func (s *Session) ResetExpiry() { s.Delete(expiryKey) }

// ExpiryAge returns how long the session lives if it is saved now, in whole seconds and at
// most the 292 years that a Duration holds; negative for a date that has passed. An
// unusable expiry in the data is [ErrExpiry]; Django raises. Django's get_expiry_age.
func (s *Session) ExpiryAge() (time.Duration, error) {
	l, err := s.site.lifetime(s.snapshot())
	return l.duration(), err
}

// ExpiryDate returns when the session expires if it is saved now, in UTC. Django's
// get_expiry_date.
func (s *Session) ExpiryDate() (time.Time, error) {
	l, err := s.site.lifetime(s.snapshot())
	return l.date.UTC(), err
}

// ExpireAtBrowserClose reports whether the session's cookie ends with the browser. What is
// stored lives SESSION_COOKIE_AGE all the same. Django's get_expire_at_browser_close.
func (s *Session) ExpireAtBrowserClose() bool {
	return s.site.expireAtBrowserClose(s.snapshot())
}

func (site *site) expireAtBrowserClose(d *serializer.Dict) bool {
	expiry, _ := ownExpiry(d)
	if expiry == nil {
		return site.settings.SessionExpireAtBrowserClose
	}
	return expiry == 0.0
}

// lifetime is how long a session lives, in both of Django's forms.
type lifetime struct {
	age  int64         // seconds, for the cookie
	rest time.Duration // the part of a second beyond them
	date time.Time     // for the store; see localtime.FromWall for its Location
}

// duration is Django's get_expiry_age, at most the 292 years that a Duration holds.
func (l lifetime) duration() time.Duration { return secondsDuration(l.age) }

// lifetime reads the session's own expiry from its data. With USE_TZ = False, Django
// calculates with naive local times, across changes of the clock too; so does this.
func (site *site) lifetime(d *serializer.Dict) (lifetime, error) {
	now := site.now()
	expiry, err := ownExpiry(d)
	if err != nil {
		return lifetime{}, err
	}
	switch date := expiry.(type) {
	case string:
		if v := site.resolved.version; date != "" && !v.readsDates() {
			return lifetime{}, errExpiry(fmt.Sprintf("is a date, which Django %s cannot read", v))
		}
		if date != "" {
			return site.livesUntil(now, date)
		}
	case datetime:
		return site.livesUntil(now, string(date))
	}
	own, _ := expiry.(float64)
	life, ok := site.livesFor(now, cmp.Or(own, float64(site.settings.SessionCookieAge)))
	switch {
	case ok:
		return life, nil
	case own != 0:
		return lifetime{}, errExpiry("is out of range")
	}
	return lifetime{}, fmt.Errorf("%w: with SESSION_COOKIE_AGE it would end after the year 9999", ErrExpiry)
}

// ownExpiry returns the expiry in a session's data: nil for none, a float64 for a number of
// seconds, a string or a datetime for a date, "" for other values that are false in Python.
func ownExpiry(d *serializer.Dict) (any, error) {
	v, ok := d.Get(expiryKey)
	if !ok {
		return nil, nil
	}
	if v.Kind() == serializer.Date {
		return pickledExpiry(v)
	}
	var expiry any
	if v.Decode(&expiry) != nil {
		return "", errExpiry("cannot be read")
	}
	switch e := expiry.(type) {
	case nil, float64, string:
		return e, nil
	case bool:
		if e {
			return 1.0, nil
		}
		return 0.0, nil
	case int64:
		return float64(e), nil
	case *big.Int:
		return math.Inf(1), nil
	case []any:
		if len(e) == 0 {
			return "", nil
		}
	case map[string]any:
		if len(e) == 0 {
			return "", nil
		}
	}
	return "", errExpiry("is neither a number of seconds nor a date")
}

// datetime is the ISO text of a datetime in a pickled session.
type datetime string

func pickledExpiry(v serializer.Value) (any, error) {
	var date datetime
	if err := v.Decode(&date); err != nil || len(date) <= len(time.DateOnly) {
		return "", errExpiry("is a date without a time, or in a time zone that is not known here")
	}
	return date, nil
}

func errExpiry(problem string) error {
	return fmt.Errorf("%w: %q %s; set it with SetExpiry or SetExpiryDate", ErrExpiry, expiryKey, problem)
}

// maxAge is more seconds than lie between any two dates of Python's.
const maxAge = 9999 * 366 * 86400

// isPythonYear reports whether Python's datetime has the date's year.
func isPythonYear(date time.Time) bool { return date.Year() >= 1 && date.Year() <= 9999 }

// livesFor returns the lifetime of a session that lives for some seconds from now on, if it
// ends at a date that Python has.
func (site *site) livesFor(now time.Time, seconds float64) (lifetime, bool) {
	if !(math.Abs(seconds) < maxAge) {
		return lifetime{}, false
	}
	// Python's timedelta rounds to the microsecond; the cookie gets whole seconds.
	micros := int64(math.RoundToEven(seconds * 1e6))
	whole, rest := math.Modf(seconds)
	life := lifetime{age: int64(whole), rest: time.Duration(rest * 1e9)}
	if loc := site.naiveLocation(); loc != nil {
		life.date = localtime.FromWall(addMicros(localtime.Wall(now, loc), micros), loc)
	} else {
		life.date = addMicros(now.UTC(), micros)
	}
	return life, isPythonYear(life.date)
}

// addMicros is time.Time.Add for spans that a time.Duration cannot hold.
func addMicros(t time.Time, micros int64) time.Time {
	t = t.Truncate(time.Microsecond)
	secs, rest := micros/1e6, micros%1e6
	return time.Unix(t.Unix()+secs, int64(t.Nanosecond())+rest*1e3).UTC()
}

// livesUntil returns the lifetime of a session that lives until a date.
func (site *site) livesUntil(now time.Time, text string) (lifetime, error) {
	t, aware, err := isodate.Parse(text)
	if err != nil {
		return lifetime{}, errExpiry("is not an ISO 8601 date")
	}
	useTZ := site.settings.UseTZ
	if useTZ != nil && *useTZ != aware {
		return lifetime{}, errExpiry("does not fit USE_TZ: the date must have an offset exactly when USE_TZ is True")
	}
	now = now.Truncate(time.Microsecond)
	if aware {
		return lifetime{age: floorSeconds(t, now), date: t.UTC()}, nil
	}
	loc := site.resolved.location
	if loc == nil {
		return lifetime{}, settingError("TIME_ZONE", "must be set to read a session's expiry date that has no offset")
	}
	return lifetime{age: floorSeconds(t, localtime.Wall(now, loc)), date: localtime.FromWall(t, loc)}, nil
}

// naiveLocation is the zone of Django's naive times, nil under USE_TZ.
func (site *site) naiveLocation() *time.Location {
	if site.settings.UseTZ != nil && !*site.settings.UseTZ {
		return site.resolved.location
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
