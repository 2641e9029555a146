// Package budget bounds the memory in which a process works on large signed
// payloads. However many requests bring a large one at once, and whatever is in it,
// they take turns.
//
// A share is held for work of this module alone, which takes milliseconds: never
// while code of the user's runs.
package budget

import (
	"context"
	"slices"
	"sync"
)

// Size is the amount that is shared, in bytes.
const Size = 16 << 20

// Small is the size of a text, in bytes, up to which its payload takes part only if
// it turns out to inflate to more than twice as much.
const Small = 32 << 10

// Take waits in a queue until so many bytes are free, and takes them. It takes no
// more than all there are. If ctx ends first, Take returns ctx.Err(). Whoever holds
// some must release it before taking more.
func Take(ctx context.Context, bytes int) (Hold, error) { return shared.Take(ctx, bytes) }

var shared = New(Size)

// Target is what package signing reads a payload into for other packages of this
// module. The signer calls Read while it holds the memory for the payload; so Read
// must be short, and must not call the user's code. Read may keep the payload.
type Target struct {
	Context context.Context // bounds the wait for memory
	Read    func(payload []byte) error
}

// Source is what package signing signs for other packages of this module: a payload that is
// serialized already.
type Source struct {
	Context context.Context // bounds the wait for memory
	Payload []byte
}

// Hold is what one reader has taken. The zero Hold is nothing.
type Hold struct {
	b     *Budget
	bytes int
}

// Release gives back what was taken.
func (h Hold) Release() {
	if h.b == nil {
		return
	}
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	h.b.taken -= h.bytes
	h.b.admit()
}

// Budget is an amount of memory in bytes. It is safe for concurrent use.
type Budget struct {
	size int

	mu    sync.Mutex
	taken int
	queue []*waiter // first come, first served
}

type waiter struct {
	bytes int
	ready chan struct{}
}

// New returns a budget of size bytes.
func New(size int) *Budget { return &Budget{size: size} }

// Take is the function Take for this budget.
func (b *Budget) Take(ctx context.Context, bytes int) (Hold, error) {
	w := &waiter{min(bytes, b.size), make(chan struct{})}
	h := Hold{b, w.bytes}
	b.mu.Lock()
	b.queue = append(b.queue, w)
	b.admit()
	b.mu.Unlock()

	select {
	case <-w.ready:
		return h, nil
	case <-ctx.Done():
		if b.leave(w) {
			return Hold{}, ctx.Err()
		}
		return h, nil // its turn came at the same moment
	}
}

// admit lets the first in the queue go on for whom there is enough.
func (b *Budget) admit() {
	for len(b.queue) > 0 && b.taken+b.queue[0].bytes <= b.size {
		b.taken += b.queue[0].bytes
		close(b.queue[0].ready)
		b.queue = slices.Delete(b.queue, 0, 1)
	}
}

// leave takes w out of the queue, and reports whether it was still there.
func (b *Budget) leave(w *waiter) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.Index(b.queue, w)
	if i < 0 {
		return false
	}
	b.queue = slices.Delete(b.queue, i, i+1)
	b.admit()
	return true
}
