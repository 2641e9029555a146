package payload

import (
	"context"
	"runtime"
)

// Slots is how many large texts and payloads this process works on at once, whatever the number of CPUs: a hostile one
// takes up to 25 MiB.
const Slots = 2

// Small is the size in bytes, of a text or a payload, up to which no slot is needed.
const Small = 64 << 10

var slots = make(chan struct{}, Slots)

// codecs limits how many payloads, small ones included, are compressed or inflated at once. There are more goroutines
// than CPUs in the middle of that, because the garbage collector stops some.
var codecs = make(chan struct{}, max(16, runtime.NumCPU()))

// Hold is a slot that was taken, or none if it is zero. Its owner must not call a caller's code, and must release it
// before taking another.
type Hold struct{ taken bool }

// Take waits for a slot if size is larger than Small. If ctx ends first, it returns ctx.Err().
func Take(ctx context.Context, size int) (Hold, error) {
	if size <= Small {
		return Hold{}, nil
	}
	err := acquire(ctx, slots)
	return Hold{taken: err == nil}, err
}

// tryTake takes a slot if one is free.
func tryTake() Hold {
	select {
	case slots <- struct{}{}:
		return Hold{taken: true}
	default:
		return Hold{}
	}
}

// Release gives the slot back.
func (h *Hold) Release() {
	if h.taken {
		h.taken = false
		<-slots
	}
}

// acquire waits until there is room in the semaphore. If ctx ends first, it returns ctx.Err().
func acquire(ctx context.Context, semaphore chan struct{}) error {
	select {
	case semaphore <- struct{}{}:
		return nil
	default:
	}
	select {
	case semaphore <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
