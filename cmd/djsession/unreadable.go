package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/signing"
)

// advice returns what to do about a session that cannot be read.
func advice(err error) string {
	switch {
	case errors.Is(err, signing.ErrTooLarge), errors.Is(err, django.ErrTooLarge):
		return fmt.Sprintf("djsession reads at most %d MiB of data", signing.DefaultMaxInflated>>20)
	case errors.Is(err, django.ErrUnreadable):
		return "compare DJANGO_SESSION_SERIALIZER, or for a cache DJANGO_CACHE_SERIALIZER and DJANGO_CACHE_COMPRESSOR, with the site's settings"
	}
	return "compare DJANGO_SECRET_KEY, DJANGO_SECRET_KEY_FALLBACKS, DJANGO_SESSION_STORE_CLASS and DJANGO_VERSION with the site's settings"
}

// unreadableError reports a session that is stored and cannot be read. Django may be able
// to read it, so no command changes it.
type unreadableError struct{ err error }

func (e *unreadableError) Unwrap() error { return e.err }

func (e *unreadableError) Error() string {
	// After the reason, package django names its settings.
	reason, _, _ := strings.Cut(e.err.Error(), "; compare ")
	return fmt.Sprintf("the session is stored, but its data cannot be read: %s; %s", reason, advice(e.err))
}

// ofSession returns an unreadableError for an error that says that a stored session
// cannot be read, and any other error as it is.
func ofSession(err error) error {
	if errors.Is(err, django.ErrCorrupt) || errors.Is(err, django.ErrUnreadable) {
		return &unreadableError{err}
	}
	return err
}

// rowCount counts the sessions that a command listed, those that cannot be read, and
// those that have a malformed column.
type rowCount struct {
	all, unreadable, malformed int
	advice                     []string // about the unreadable ones
}

func (c *rowCount) add(row django.Listed) {
	c.all++
	if row.Malformed != nil {
		c.malformed++
	}
	if row.Corrupt == nil {
		return
	}
	c.unreadable++
	if text := advice(row.Corrupt); !slices.Contains(c.advice, text) {
		c.advice = append(c.advice, text)
	}
}

// problems returns messages about the sessions that have problems.
func (c *rowCount) problems() []string {
	var lines []string
	if c.unreadable > 0 {
		lines = append(lines, fmt.Sprintf("%d of %s cannot be read; %s", c.unreadable, count(c.all, "session"), strings.Join(c.advice, "; ")))
	}
	if c.malformed > 0 {
		lines = append(lines, fmt.Sprintf("%d of %s have a column that does not hold what Django writes there, such as an expire_date that is not a time", c.malformed, count(c.all, "session")))
	}
	return lines
}

// count returns a number with its noun.
func count[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
