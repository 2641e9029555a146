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
			mu.Lock()
			err := s.Take(ctx, &mu, 0, "")
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
			s.Release()
			mu.Unlock()
		})
	}
	wg.Wait()
	if s.busy || len(s.queue) > 0 || taken+gaveUp != 200 || taken < 133 {
		t.Errorf("busy %t, %d wait, %d took it, %d gave up", s.busy, len(s.queue), taken, gaveUp)
	}
}

// It is handed over in the order in which it was asked for.
func TestSlotIsFair(t *testing.T) {
	var mu sync.Mutex
	s := Slot{busy: true}
	var order []int
	var wg sync.WaitGroup
	for i := range 5 {
		waiting := len(s.queue)
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			if err := s.Take(t.Context(), &mu, 0, ""); err != nil {
				t.Error(err)
			}
			order = append(order, i)
			s.Release()
		})
		for {
			mu.Lock()
			queued := len(s.queue) > waiting
			mu.Unlock()
			if queued {
				break
			}
			time.Sleep(time.Microsecond)
		}
	}
	mu.Lock()
	s.Release()
	mu.Unlock()
	wg.Wait()
	for i, got := range order {
		if got != i {
			t.Fatalf("the order is %v", order)
		}
	}
}

// Who holds the slot and asks for it is told so; another goroutine waits for as long as
// it wants to.
func TestNested(t *testing.T) {
	var mu sync.Mutex
	var s Slot
	mu.Lock()
	defer mu.Unlock()
	if err := s.Take(t.Context(), &mu, 0, ""); err != nil {
		t.Fatal(err)
	}
	s.SetOwner(Goroutine())
	if err := s.Take(t.Context(), &mu, 0, ""); !errors.Is(err, ErrNested) {
		t.Errorf("nested: %v", err)
	}
	others := make(chan error)
	mu.Unlock()
	go func() {
		mu.Lock()
		defer mu.Unlock()
		others <- s.Take(t.Context(), &mu, time.Millisecond, "")
	}()
	err := <-others
	mu.Lock()
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("another goroutine: %v", err)
	}
	s.Release()
	if s.Busy() {
		t.Error("it is not free")
	}
}
