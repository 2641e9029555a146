package django

import (
	"context"
	"errors"
	"time"
)

// doubt is a save with an unknown outcome, from its first attempt whose connection broke.
type doubt struct {
	err   error
	until time.Time
	pause time.Duration
}

// patience is how long a save with an unknown outcome is retried. With a new key, without
// which the session would be lost, it is the site's timeout.
const patience = time.Second

// retry waits and returns nil if a save that failed with err is worth another attempt.
// Otherwise it returns the error to return.
func (u *doubt) retry(ctx context.Context, d *draft, err error) error {
	now := time.Now()
	if u.err == nil {
		if !errors.Is(err, ErrOutcomeUnknown) {
			return err
		}
		*u = doubt{err: err, until: now.Add(patience), pause: 5 * time.Millisecond}
		if d.candidate != "" {
			u.until = now.Add(d.session.site.timeout)
		}
	}
	if now.After(u.until) {
		return u.err
	}
	u.pause = min(2*u.pause, 200*time.Millisecond)
	if err := pause(ctx, u.pause); err != nil {
		return u.err
	}
	// A read, which the driver may repeat, uses up dead connections, so that the next
	// attempt does not meet them one by one.
	key := d.stored.Key
	if key == "" {
		key, _ = newKey(d.session.site.random) // any
	}
	_, _ = d.session.site.store.Load(d.session.storing(ctx), key, d.session.site.codec.Now())
	return nil
}

// orErr returns the unknown outcome, which later errors do not resolve, or else err.
func (u *doubt) orErr(err error) error {
	if u.err != nil {
		return u.err
	}
	return err
}

// pause waits for about as long as d.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(jitter(d))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
