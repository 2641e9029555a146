package hashers

import (
	"context"
	"errors"
	"fmt"
)

// ErrBusy means that a hash could not start: as many as [Options].Concurrent allows were
// running, and either [Options].Queue were waiting, or the context ended first, whose
// error then comes with it. The request can be repeated later.
var ErrBusy = errors.New("hashers: too many passwords are being checked at once; try again later, or raise Concurrent or Queue")

// enter waits until a hash may run; release ends it.
func (h *Hashers) enter(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBusy, err)
	}
	release = func() { <-h.slots }
	select {
	case h.slots <- struct{}{}:
		return release, nil
	default:
	}
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > h.queue {
		return nil, ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		return release, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrBusy, ctx.Err())
	}
}
