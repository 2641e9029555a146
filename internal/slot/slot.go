// Package slot is a lock that may be held for long: while waiting for a store, or while
// running a caller's function. Waiting for it ends with a context, and a goroutine that
// would wait for itself gets an error.
package slot

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// Slot is held by one goroutine at a time; the others queue. The zero Slot is free. It is
// guarded by a mutex of the struct that it is part of, which must be locked when a method
// is called.
type Slot struct {
	busy  bool
	owner string          // the goroutine that runs a caller's function, or ""
	queue []chan struct{} // closed when the slot is handed over
}

// ErrNested reports that the goroutine already holds the slot.
var ErrNested = errors.New("slot: held by this goroutine")

// Busy reports whether the slot is held.
func (s *Slot) Busy() bool { return s.busy }

// Take waits until the slot is free and takes it. The error is ctx.Err(),
// context.DeadlineExceeded if timeout passes (0 is no timeout), or [ErrNested] if this
// goroutine holds the slot. goroutine is the result of [Goroutine], or "" to call it only
// if needed. mu is unlocked while Take waits.
func (s *Slot) Take(ctx context.Context, mu *sync.Mutex, timeout time.Duration, goroutine string) error {
	if !s.busy {
		s.busy = true
		return nil
	}
	if s.owner != "" {
		if goroutine == "" {
			goroutine = Goroutine()
		}
		if s.owner == goroutine {
			return ErrNested
		}
	}
	turn := make(chan struct{})
	s.queue = append(s.queue, turn)
	mu.Unlock()
	err := wait(ctx, turn, timeout)
	mu.Lock()
	if err == nil {
		return nil
	}
	if i := slices.Index(s.queue, turn); i >= 0 {
		s.queue = slices.Delete(s.queue, i, i+1)
	} else {
		s.Release() // it was handed over at the same time
	}
	return err
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

// SetOwner records that the holder, this goroutine, runs a caller's function, which may
// call Take. "" ends that.
func (s *Slot) SetOwner(goroutine string) { s.owner = goroutine }

// Release hands the slot to the next in the queue.
func (s *Slot) Release() {
	s.owner = ""
	if s.busy = len(s.queue) > 0; s.busy {
		close(s.queue[0])
		s.queue = slices.Delete(s.queue, 0, 1)
	}
}

// Goroutine returns the id of the calling goroutine, to detect a call that would wait for
// itself. Nothing else may depend on it. It takes some microseconds: call it once, with no
// mutex locked.
func Goroutine() string {
	var b [32]byte
	text := string(b[:runtime.Stack(b[:], false)]) // "goroutine 123 [running]:…"
	id, _, _ := strings.Cut(strings.TrimPrefix(text, "goroutine "), " ")
	return id
}
