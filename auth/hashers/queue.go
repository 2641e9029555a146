package hashers

import (
	"context"
	"errors"
	"fmt"
)

// ErrBusy: [Options].Concurrent hashes were running, and either [Options].Queue calls were
// waiting, or the context ended first; the error then also is the context's. The request can
// be repeated later.
var ErrBusy = errors.New("hashers: too many passwords are being checked at once; try again later, or raise Concurrent or Queue")

// enter waits until a hash may run. After it, call leave.
func (h *Hashers) enter(ctx context.Context) error {
	select {
	case h.admitted <- struct{}{}:
	default:
		return ErrBusy
	}
	err := ctx.Err()
	if err == nil {
		select {
		case h.running <- struct{}{}:
			return nil
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	<-h.admitted
	return fmt.Errorf("%w: %w", ErrBusy, err)
}

func (h *Hashers) leave() {
	<-h.running
	<-h.admitted
}
