package django

import (
	"time"

	"github.com/djsession/djsession/internal/localtime"
	"github.com/djsession/djsession/serializer"
)

// FileExpiry returns when a session expires whose data is d and whose file was modified then,
// and whether Django's file engine regards it as expired at now. Without an expiry of its own
// it lives SESSION_COOKIE_AGE from its modification; with a date, until then; each up to a
// second less. With a number of seconds it never expires, whatever expires says; with a negative
// one, always. An unusable expiry is [ErrExpiry]; such a session is not expired.
//
// It is for stores that keep no expiry beside the data.
func (c *Codec) FileExpiry(d *serializer.Dict, modified, now time.Time) (expires time.Time, expired bool, err error) {
	own, err := ownExpiry(d)
	if err != nil {
		return time.Time{}, false, err
	}
	site := c.siteAt(modified)
	life, err := site.lifetime(d)
	if err != nil {
		return time.Time{}, false, err
	}
	if n, _ := own.(float64); n != 0 {
		return life.date.UTC(), n < 0, nil
	}
	loc := site.naiveLocation()
	if loc == nil {
		loc = time.UTC
	}
	return life.date.UTC(), floorSeconds(localtime.Wall(life.date, loc), localtime.Wall(now, loc)) <= 0, nil
}

// FileTime returns when the file of a session must have been modified for the session, whose
// data is d, to expire at expires as FileExpiry says: now, if that is what d means.
func (c *Codec) FileTime(d *serializer.Dict, expires time.Time) time.Time {
	if own, err := ownExpiry(d); err != nil || own != nil && own != 0.0 && own != "" {
		return c.clock()
	}
	micros := -c.settings.SessionCookieAge * 1e6
	if loc := c.siteAt(expires).naiveLocation(); loc != nil {
		return localtime.FromWall(addMicros(localtime.Wall(expires, loc), micros), loc)
	}
	return addMicros(expires, micros)
}

// siteAt is the site at a time.
func (c *Codec) siteAt(t time.Time) *site {
	return &site{settings: c.settings, resolved: c.resolved, options: options{now: func() time.Time { return t }}}
}
