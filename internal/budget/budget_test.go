package budget

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestNoMoreThanThereIs(t *testing.T) {
	b := New(100, time.Hour)
	var now, most atomic.Int64
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			bytes := 1 + i%60
			h := b.Take(bytes)
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
	if b.taken != 0 || len(b.queue) != 0 {
		t.Errorf("at the end %d bytes are taken and %d wait", b.taken, len(b.queue))
	}
}

// A large one takes all there is, and small ones that come later do not overtake it
// for ever.
func TestFirstComeFirstServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(100, time.Hour)
		holder := b.Take(50)
		var order []int
		var mu sync.Mutex
		for i, bytes := range []int{1 << 30, 10, 10} {
			go func() {
				h := b.Take(bytes)
				mu.Lock()
				order = append(order, i)
				mu.Unlock()
				time.Sleep(time.Second)
				h.Release()
			}()
			synctest.Wait()
		}
		if len(order) != 0 {
			t.Fatalf("%v overtook", order)
		}
		holder.Release()
		synctest.Wait()
		mu.Lock()
		if len(order) != 1 || order[0] != 0 {
			t.Errorf("%v went on, want the first alone", order)
		}
		mu.Unlock()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(order) != 3 {
			t.Errorf("%v went on, want all", order)
		}
	})
}

// Whoever takes more while holding some would wait for itself for ever.
func TestNestingDoesNotDeadlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(100, time.Minute)
		began := time.Now()
		outer := b.Take(100)
		b.Take(100).Release()
		if waited := time.Since(began); waited < time.Minute || waited > 2*time.Minute {
			t.Errorf("waited for %v", waited)
		}
		outer.Release()
		began = time.Now()
		b.Take(100).Release()
		if time.Since(began) != 0 || b.taken != 0 {
			t.Errorf("the budget was not restored: %d bytes taken", b.taken)
		}
	})
}

// While others give back, patience is not at an end.
func TestPatienceIsForStandstillOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(100, time.Minute)
		h := b.Take(60)
		var others []Hold
		for range 5 {
			others = append(others, b.Take(8))
		}
		var went atomic.Bool
		go func() {
			b.Take(100).Release()
			went.Store(true)
		}()
		for _, other := range others {
			time.Sleep(40 * time.Second)
			other.Release()
		}
		if went.Load() {
			t.Error("it went on although others made progress")
		}
		h.Release()
		synctest.Wait()
		if !went.Load() {
			t.Error("it did not go on when all was free")
		}
	})
}

func TestNothingHeldIsNothingToRelease(t *testing.T) {
	Hold{}.Release()
}
