package rows

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/djsession/djsession/bench/load"
)

// call is one call of pace.
type call struct {
	due  time.Time
	took time.Duration // until it ended, since it was due
}

type calls struct {
	all []call
	err error
}

// pace calls f at a constant rate until stop is closed, in up to workers goroutines. What a
// call takes counts from when it was due, so that a call that waits for others counts the wait.
func pace(ctx context.Context, every time.Duration, workers int, stop <-chan struct{}, f func(context.Context) error) calls {
	due := make(chan time.Time, 1<<20) // never full
	var (
		wait   sync.WaitGroup
		mu     sync.Mutex
		result calls
	)
	for range workers {
		wait.Go(func() {
			for at := range due {
				err := f(ctx)
				took := time.Since(at)
				mu.Lock()
				result.all = append(result.all, call{at, took})
				if err != nil && result.err == nil {
					result.err = err
				}
				mu.Unlock()
			}
		})
	}
	start := time.Now()
	for i := time.Duration(0); ; i++ {
		at := start.Add(i * every)
		load.SleepUntil(at)
		select {
		case <-stop:
			close(due)
			wait.Wait()
			return result
		default:
			due <- at
		}
	}
}

// between returns what the calls took that were due in a time, sorted.
func (c calls) between(from, to time.Time) (took []time.Duration) {
	for _, one := range c.all {
		if !one.due.Before(from) && one.due.Before(to) {
			took = append(took, one.took)
		}
	}
	slices.Sort(took)
	return took
}

// percentile returns the p-th percentile of sorted values, 0 without any.
func percentile(sorted []time.Duration, p float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(p/100*float64(len(sorted))))]
}
