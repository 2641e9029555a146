// Package slot is a lock that may be held for long: while waiting for a store, or while
// running a caller's function. Waiting for it ends with a context, and a goroutine that
// would wait for itself gets an error.
package slot

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Slot is held by one goroutine at a time; the others queue. The zero Slot is free.
type Slot struct {
	mu    sync.Mutex
	busy  bool
	owner string          // the goroutine that holds it, if known
	queue []chan struct{} // closed when the slot is handed over
}

// ErrNested reports that the goroutine already holds the slot.
var ErrNested = errors.New("slot: held by this goroutine")

// Busy reports whether the slot is held.
func (s *Slot) Busy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.busy
}

// Take waits until the slot is free and takes it. The error is ctx.Err(),
// context.DeadlineExceeded if timeout passes (0 is no timeout), or [ErrNested] if this
// goroutine holds the slot. goroutine is the result of [Goroutine] if the holder will run
// a function that may call Take, or else "".
func (s *Slot) Take(ctx context.Context, timeout time.Duration, goroutine string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy {
		if s.owner != "" && s.owner == cmp.Or(goroutine, Goroutine()) {
			return ErrNested
		}
		turn := make(chan struct{})
		s.queue = append(s.queue, turn)
		s.mu.Unlock()
		err := wait(ctx, turn, timeout)
		s.mu.Lock()
		if err != nil {
			s.leave(turn)
			return err
		}
	}
	s.busy, s.owner = true, goroutine
	return nil
}

func wait(ctx context.Context, turn <-chan struct{}, timeout time.Duration) error {
	var late <-chan time.Time
	if timeout > 0 {
		timer := time.NewTimer(timeout)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-turn:
		return nil
	case <-late:
		return context.DeadlineExceeded
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave leaves the queue.
func (s *Slot) leave(turn chan struct{}) {
	if i := slices.Index(s.queue, turn); i >= 0 {
		s.queue = slices.Delete(s.queue, i, i+1)
	} else {
		s.handOver() // the slot was handed over at the same time
	}
}

// Release hands the slot to the next in the queue.
func (s *Slot) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handOver()
}

func (s *Slot) handOver() {
	s.owner = ""
	if s.busy = len(s.queue) > 0; s.busy {
		close(s.queue[0])
		s.queue = slices.Delete(s.queue, 0, 1)
	}
}

// Goroutine returns the id of the calling goroutine, to detect a call that would wait for
// itself. Nothing else may depend on it. It takes some microseconds.
func Goroutine() string {
	var b [32]byte
	text := string(b[:runtime.Stack(b[:], false)]) // "goroutine 123 [running]:…"
	id, _, _ := strings.Cut(strings.TrimPrefix(text, "goroutine "), " ")
	return id
}
