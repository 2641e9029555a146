package djangotest

import (
	"sync/atomic"
	"time"
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
