package slot

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// Of many who wait, some no longer than their context, one holds the slot at a time, and
// in the end it is free.
func TestSlot(t *testing.T) {
	var mu sync.Mutex
	var s Slot
	var wg sync.WaitGroup
	held, taken, gaveUp := 0, 0, 0
	for i := range 200 {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if i%3 == 0 {
				go cancel()
			}
			err := s.Take(ctx, 0, "")
			mu.Lock()
			if err != nil {
				gaveUp++
				mu.Unlock()
				if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				return
			}
			held++
			taken++
			if held != 1 {
				t.Errorf("%d hold it", held)
			}
			mu.Unlock()
			time.Sleep(time.Microsecond)
			mu.Lock()
			held--
			mu.Unlock()
			s.Release()
		})
	}
	wg.Wait()
	if s.busy || len(s.queue) > 0 || taken+gaveUp != 200 || taken < 133 {
		t.Errorf("busy %t, %d wait, %d took it, %d gave up", s.busy, len(s.queue), taken, gaveUp)
	}
}

// It is handed over in the order in which it was asked for.
func TestSlotIsFair(t *testing.T) {
	s := Slot{busy: true}
	queued := func() int {
		s.mu.Lock()
		defer s.mu.Unlock()
		return len(s.queue)
	}
	var order []int
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Go(func() {
			if err := s.Take(t.Context(), 0, ""); err != nil {
				t.Error(err)
			}
			order = append(order, i)
			s.Release()
		})
		for queued() <= i {
			time.Sleep(time.Microsecond)
		}
	}
	s.Release()
	wg.Wait()
	for i, got := range order {
		if got != i {
			t.Fatalf("the order is %v", order)
		}
	}
}

// The goroutine that holds the slot and asks for it gets an error; another one waits for
// as long as it wants to.
func TestNested(t *testing.T) {
	var s Slot
	if err := s.Take(t.Context(), 0, Goroutine()); err != nil {
		t.Fatal(err)
	}
	for _, goroutine := range []string{"", Goroutine()} {
		if err := s.Take(t.Context(), 0, goroutine); !errors.Is(err, ErrNested) {
			t.Errorf("nested: %v", err)
		}
	}
	others := make(chan error)
	go func() { others <- s.Take(t.Context(), time.Millisecond, "") }()
	if err := <-others; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("another goroutine: %v", err)
	}
	s.Release()
	if s.Busy() {
		t.Error("it is not free")
	}
}
