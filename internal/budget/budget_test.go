package budget

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func take(t *testing.T, b *Budget, bytes int) Hold {
	t.Helper()
	h, err := b.Take(context.Background(), bytes)
	if err != nil {
		t.Error(err)
	}
	return h
}

func checkEmpty(t *testing.T, b *Budget) {
	t.Helper()
	if b.taken != 0 || len(b.queue) != 0 {
		t.Errorf("at the end %d bytes are taken and %d wait", b.taken, len(b.queue))
	}
}

func TestNoMoreThanThereIs(t *testing.T) {
	b := New(100)
	var now, most atomic.Int64
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			bytes := 1 + i%60
			h := take(t, b, bytes)
			n := now.Add(int64(bytes))
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			time.Sleep(10 * time.Microsecond)
			now.Add(-int64(bytes))
			h.Release()
		})
	}
	all.Wait()
	if n := most.Load(); n > 100 || n < 61 {
		t.Errorf("%d bytes were taken at once, of 100", n)
	}
	checkEmpty(t, b)
}

// A large one takes all there is, and small ones that come later do not overtake it
// for ever.
func TestFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(100)
		holder := take(t, b, 50)
		var mu sync.Mutex
		var order []int
		served := func() []int { mu.Lock(); defer mu.Unlock(); return slices.Clone(order) }
		for i, bytes := range []int{1 << 30, 10, 10} {
			go func() {
				h := take(t, b, bytes)
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				time.Sleep(time.Second)
				h.Release()
			}()
			synctest.Wait()
		}
		if got := served(); len(got) != 0 {
			t.Fatalf("%v overtook", got)
		}
		holder.Release()
		synctest.Wait()
		if got := served(); !slices.Equal(got, []int{0}) {
			t.Errorf("%v went on, want the first alone", got)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := served(); len(got) != 3 {
			t.Errorf("%v went on, want all", got)
		}
		checkEmpty(t, b)
	})
}

// Who waits goes when the context ends, and those behind move up.
func TestContextEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(100)
		holder := take(t, b, 50)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		var large error
		go func() { _, large = b.Take(ctx, 100) }()
		synctest.Wait()
		var behind time.Duration
		go func() {
			take(t, b, 50).Release()
			behind = time.Since(began)
		}()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !errors.Is(large, context.DeadlineExceeded) || behind != time.Second {
			t.Errorf("the first in the queue got %v, and the one behind it waited for %v", large, behind)
		}
		holder.Release()
		checkEmpty(t, b)
	})
}

// A context that has ended does not matter to who need not wait, or gets its turn.
func TestNothingIsLostWhenTheContextEnds(t *testing.T) {
	b := New(100)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 1000 {
		if h, err := b.Take(ctx, 100); err == nil {
			h.Release()
		} else if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	checkEmpty(t, b)
}

func TestNothingHeldIsNothingToRelease(t *testing.T) {
	Hold{}.Release()
}
