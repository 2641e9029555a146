package django

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// patience is how long a save with an unknown outcome is retried. With a new key, without
// which the session would be lost, it is the site's timeout.
const patience = time.Second

// retry is a save with an unknown outcome, from its first attempt whose connection broke.
type retry struct {
	err   error // of that attempt, which later errors do not resolve
	until time.Time
	pause time.Duration
}

// wait waits and returns nil if a save that failed with err is worth another attempt.
// Otherwise it returns the error to return.
func (r *retry) wait(ctx context.Context, d *draft, err error) error {
	now := time.Now()
	if r.err == nil {
		if !errors.Is(err, ErrOutcomeUnknown) {
			return err
		}
		*r = retry{err: err, until: now.Add(patience), pause: 5 * time.Millisecond}
		if d.candidate != "" {
			r.until = now.Add(d.site.timeout)
		}
	}
	if now.After(r.until) {
		return r.err
	}
	r.pause = min(2*r.pause, 200*time.Millisecond)
	timer, cancel := context.WithTimeout(ctx, r.pause/2+rand.N(r.pause/2))
	defer cancel()
	if <-timer.Done(); ctx.Err() != nil {
		return r.err
	}
	// A read, which the driver may repeat, uses up dead connections, so that the next
	// attempt does not meet them one by one.
	key := d.stored.Key
	if key == "" {
		key, _ = newKey(d.site.random) // any
	}
	_, _ = d.site.store.Load(d.session.storing(ctx), key, d.site.now())
	return nil
}
