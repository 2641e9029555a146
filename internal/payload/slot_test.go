package payload

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestTakeLimitsWhoWorksAtOnce(t *testing.T) {
	var now, most atomic.Int64
	together := make(chan struct{}) // closed once as many as may work at once do
	var once sync.Once
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			hold, err := Take(t.Context(), Small+1)
			if err != nil {
				t.Error(err)
			}
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			if n == Slots {
				once.Do(func() { close(together) })
			}
			<-together
			runtime.Gosched()
			now.Add(-1)
			hold.Release()
			hold.Release() // does nothing
		})
	}
	all.Wait()
	if n := most.Load(); n != Slots || len(slots) != 0 {
		t.Errorf("%d worked at once, want %d; at the end %d slots are taken", n, Slots, len(slots))
	}
}

// A context ends the wait, and does not matter to whom need not wait.
func TestTakeAndContexts(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	var holds []Hold
	for range Slots {
		hold, err := Take(ended, Small+1)
		if err != nil {
			t.Fatal(err)
		}
		holds = append(holds, hold)
	}
	if _, err := Take(ended, Small+1); !errors.Is(err, context.Canceled) {
		t.Errorf("no slot is free: %v", err)
	}
	if hold, err := Take(ended, Small); err != nil || hold.taken {
		t.Errorf("a small one: %v, %v", hold, err)
	}
	for i := range holds {
		holds[i].Release()
	}
	for range 1000 { // a slot is never lost
		if hold, err := Take(ended, Small+1); err != nil {
			t.Fatal(err)
		} else {
			hold.Release()
		}
	}
}

// A small text with a large payload waits, and is decoded when a slot is free.
func TestDecodeWaits(t *testing.T) {
	encoded := encode(t, make([]byte, 1<<20), true)
	var holds []Hold
	for range Slots {
		hold, err := Take(t.Context(), Small+1)
		if err != nil {
			t.Fatal(err)
		}
		holds = append(holds, hold)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, _, err := Decode(ctx, encoded, 1<<20); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no slot is free: %v", err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		if data, hold, err := Decode(t.Context(), encoded, 1<<20); err != nil || len(data) != 1<<20 || !hold.taken {
			t.Errorf("%d bytes, %v, %v", len(data), hold, err)
		} else {
			hold.Release()
		}
	})
	for i := range holds {
		holds[i].Release()
	}
	all.Wait()
	if len(slots) != 0 {
		t.Errorf("%d slots were not released", len(slots))
	}
}

// Small payloads wait as well while many are compressed and inflated.
func TestFewAreCompressedOrInflatedAtOnce(t *testing.T) {
	data := make([]byte, 1000)
	encoded := encode(t, data, true)
	for range cap(codecs) {
		codecs <- struct{}{}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Decode(ended, encoded, 1<<20); !errors.Is(err, context.Canceled) {
		t.Errorf("Decode: %v", err)
	}
	if _, err := Append(ended, nil, data, true); !errors.Is(err, context.Canceled) {
		t.Errorf("Append: %v", err)
	}
	if _, _, err := Decode(ended, encode(t, data, false), 1<<20); err != nil {
		t.Errorf("Decode without compression: %v", err)
	}
	for range cap(codecs) {
		<-codecs
	}
	if got, err := decoded(t, encoded, 1<<20); err != nil || len(got) != len(data) {
		t.Errorf("afterwards: %d bytes, %v", len(got), err)
	}
	if len(codecs) != 0 {
		t.Errorf("at the end %d are counted", len(codecs))
	}
}
