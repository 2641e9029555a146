package main

import (
	"errors"
	"fmt"

	"github.com/djsession/djsession/django"
)

// What to do about sessions that cannot be read.
const (
	compareKeys       = "compare DJANGO_SECRET_KEY, DJANGO_SECRET_KEY_FALLBACKS, DJANGO_SESSION_STORE_CLASS and DJANGO_VERSION with the site's settings"
	compareSerializer = "the site's SESSION_SERIALIZER must be JSONSerializer"
)

// unreadable returns the error for a session that was loaded with data that cannot
// be read. Django may be able to read it, so it is left as it is.
func unreadable(rec django.Record, err error) error {
	if err != nil || rec.Corrupt == nil {
		return err
	}
	advice := compareKeys
	if errors.Is(rec.Corrupt, django.ErrUnreadable) {
		advice = compareSerializer
	}
	return fmt.Errorf("the session is stored, but its data cannot be read: %w; %s", rec.Corrupt, advice)
}

// readCount counts the sessions that a command read, and those that it could not.
type readCount struct{ all, corrupt, unsupported int }

func (c *readCount) add(rec django.Record) {
	c.all++
	switch {
	case errors.Is(rec.Corrupt, django.ErrUnreadable):
		c.unsupported++
	case rec.Corrupt != nil:
		c.corrupt++
	}
}

func (c *readCount) unreadable() int { return c.corrupt + c.unsupported }

// summary says how many of how many could not be read, and what to do; empty if
// all could.
func (c *readCount) summary() string {
	if c.unreadable() == 0 {
		return ""
	}
	text := fmt.Sprintf("%d of %s cannot be read", c.unreadable(), count(c.all, "session"))
	if c.corrupt > 0 {
		text += "; " + compareKeys
	}
	if c.unsupported > 0 {
		text += "; " + compareSerializer
	}
	return text
}

// count is a number with its noun.
func count[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
