// Package slot is a lock for what may take long: waiting for a store, or running a
// caller's function. Others wait for it no longer than their contexts, and a goroutine
// that would wait for itself is told so.
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

// Slot is held by one goroutine at a time; the others wait in line. The zero Slot is
// free. It is guarded by a mutex of whatever it is part of, which is held while its
// methods are called, and while nothing else is.
type Slot struct {
	busy  bool
	owner string          // the goroutine that runs a caller's function; else empty
	line  []chan struct{} // closed when the slot is handed over
}

// ErrNested: waiting would be for the goroutine that waits.
var ErrNested = errors.New("slot: held by this goroutine")

// Busy reports whether the slot is held.
func (s *Slot) Busy() bool { return s.busy }

// Take waits until the slot is free, ctx ends, most has passed (0 is any time; the error
// is context.DeadlineExceeded), or it turns out that this goroutine, me, holds it
// ([ErrNested]). me may be empty, and is then found out where it matters. While Take
// waits, mu is not held.
func (s *Slot) Take(ctx context.Context, mu *sync.Mutex, most time.Duration, me string) error {
	if !s.busy {
		s.busy = true
		return nil
	}
	if s.owner != "" && s.owner == whoAmI(me) {
		return ErrNested
	}
	turn := make(chan struct{})
	s.line = append(s.line, turn)
	mu.Unlock()
	err := wait(ctx, turn, most)
	mu.Lock()
	if err == nil {
		return nil
	}
	if i := slices.Index(s.line, turn); i >= 0 {
		s.line = slices.Delete(s.line, i, i+1)
	} else {
		s.Release() // it was handed over at the same time
	}
	return err
}

func wait(ctx context.Context, turn <-chan struct{}, most time.Duration) error {
	var late <-chan time.Time
	if most > 0 {
		timer := time.NewTimer(most)
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

// SetOwner notes that the holder, the goroutine me, runs a caller's function, which may
// ask for the slot; "" ends that.
func (s *Slot) SetOwner(me string) { s.owner = me }

// Release is called by whoever has taken the slot.
func (s *Slot) Release() {
	s.owner = ""
	if s.busy = len(s.line) > 0; s.busy {
		close(s.line[0])
		s.line = slices.Delete(s.line, 0, 1)
	}
}

// Goroutine names the calling goroutine, to tell a call that would wait for itself,
// for ever, from one that waits for another goroutine. Nothing else may depend on it. It
// takes some microseconds: call it once, with no mutex held.
func Goroutine() string {
	var b [32]byte
	text := string(b[:runtime.Stack(b[:], false)]) // "goroutine 123 [running]:…"
	id, _, _ := strings.Cut(strings.TrimPrefix(text, "goroutine "), " ")
	return id
}

func whoAmI(me string) string {
	if me == "" {
		return Goroutine()
	}
	return me
}
