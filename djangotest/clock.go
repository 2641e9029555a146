package djangotest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/djsession/djsession/django"
)

// Clock is a clock that moves only by Advance. Safe for concurrent use.
type Clock struct{ now atomic.Pointer[time.Time] }

// newClock returns a clock that shows the present second, so that code which looks at
// time.Now agrees with it.
func newClock() *Clock {
	c := new(Clock)
	now := time.Now().UTC().Truncate(time.Second)
	c.now.Store(&now)
	return c
}

// Now returns the time that the clock shows: in UTC, and at first a whole second.
func (c *Clock) Now() time.Time { return *c.now.Load() }

// Advance moves the clock by d, which sessions and cookies may expire by.
func (c *Clock) Advance(d time.Duration) {
	for {
		old := c.now.Load()
		now := old.Add(d)
		if c.now.CompareAndSwap(old, &now) {
			return
		}
	}
}

// background is the context of what a test does to its site. It is not the test's own,
// which ends before the functions of Cleanup run.
func background() context.Context { return context.Background() }

func isNotFound(err error) bool { return errors.Is(err, django.ErrNotFound) }
