package django

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// slot is held by one goroutine at a time, which may wait for the store meanwhile: a
// mutex must not be held over that. The others wait in line, each no longer than its
// context. The fields belong to the mutex of whatever the slot is part of.
type slot struct {
	busy  bool
	owner string          // the goroutine that runs a caller's function; else empty
	line  []chan struct{} // closed when the slot is handed over
}

// errNested: waiting would be for the goroutine that waits.
var errNested = errors.New("django: called inside the function of an Update of the same session; change the session that the function is given")

// take waits until the slot is free, ctx ends, or it turns out that the slot can never
// become free, since this very goroutine holds it. It is called with mu held and returns
// with mu held.
func (s *slot) take(ctx context.Context, mu *sync.Mutex) error {
	if !s.busy {
		s.busy = true
		return nil
	}
	if s.owner != "" && s.owner == goroutine() {
		return errNested
	}
	turn := make(chan struct{})
	s.line = append(s.line, turn)
	mu.Unlock()
	var err error
	select {
	case <-turn:
	case <-ctx.Done():
		err = ctx.Err()
	}
	mu.Lock()
	if err == nil {
		return nil
	}
	if i := slices.Index(s.line, turn); i >= 0 {
		s.line = slices.Delete(s.line, i, i+1)
	} else {
		s.release() // it was handed over at the same time
	}
	return err
}

// release is called with the mutex held, by whoever has taken the slot.
func (s *slot) release() {
	s.owner = ""
	if s.busy = len(s.line) > 0; s.busy {
		close(s.line[0])
		s.line = slices.Delete(s.line, 0, 1)
	}
}

// goroutine names the calling goroutine, to tell a call that would wait for itself,
// for ever, from one that waits for another goroutine. Nothing else may depend on it.
func goroutine() string {
	var b [32]byte
	text := string(b[:runtime.Stack(b[:], false)]) // "goroutine 123 [running]:…"
	id, _, _ := strings.Cut(strings.TrimPrefix(text, "goroutine "), " ")
	return id
}
