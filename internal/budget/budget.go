// Package budget shares one amount of memory among all the large signed payloads
// that a process is reading or compressing at a time. However many requests bring a
// large one at once, and whatever is in it, they take turns.
package budget

import (
	"runtime"
	"sync"
	"time"
)

// Size is the amount that is shared, in bytes.
const Size = 16 << 20

// Small is the size of a text, in bytes, up to which its payload takes part only if
// it turns out to inflate to more than twice as much.
const Small = 32 << 10

// Turn is a share, in bytes, for work that keeps a processor busy: with so much each,
// there are no more at work than processors, and those that are done need not queue
// for a processor to let go of what they have.
func Turn() int { return Size / runtime.GOMAXPROCS(0) }

// patience is how long nothing may be given back before the next in the queue goes
// on regardless. Reading 4 MiB takes milliseconds: only code of the user's that is
// called meanwhile, and which waits for a budget itself, can take that long.
const patience = 10 * time.Second

// Hold is what one reader has taken. The zero Hold is nothing.
type Hold struct {
	b     *Budget
	bytes int
}

// Take waits in a queue until so many bytes are free, and takes them. It takes no
// more than all there are. Whoever holds some must not take more before giving it
// back.
func Take(bytes int) Hold { return shared.Take(bytes) }

var shared = New(Size, patience)

// Budget is an amount of memory in bytes. It is safe for concurrent use.
type Budget struct {
	size     int
	patience time.Duration

	mu    sync.Mutex
	taken int
	given time.Time // when some was given back last
	queue []*waiter
}

type waiter struct {
	bytes int
	ready chan struct{}
}

// New returns a budget of size bytes, whose queue moves on by itself once nothing
// was given back for as long as patience.
func New(size int, patience time.Duration) *Budget {
	return &Budget{size: size, patience: patience}
}

// Take is the function Take for this budget.
func (b *Budget) Take(bytes int) Hold {
	h := Hold{b, min(bytes, b.size)}
	b.mu.Lock()
	if len(b.queue) == 0 && b.fits(h.bytes) {
		b.taken += h.bytes
		b.mu.Unlock()
		return h
	}
	w := &waiter{h.bytes, make(chan struct{})}
	if len(b.queue) == 0 {
		b.given = time.Now()
	}
	b.queue = append(b.queue, w)
	b.mu.Unlock()

	patience := time.NewTicker(b.patience)
	defer patience.Stop()
	for {
		select {
		case <-w.ready:
			return h
		case <-patience.C:
			b.unblock()
		}
	}
}

// Release gives back what was taken.
func (h Hold) Release() {
	if h.b == nil {
		return
	}
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	h.b.taken -= h.bytes
	h.b.given = time.Now()
	h.b.admit()
}

func (b *Budget) fits(bytes int) bool { return b.taken <= 0 || b.taken+bytes <= b.size }

// admit lets those go on, first come first served, for whom there is enough.
func (b *Budget) admit() {
	for len(b.queue) > 0 && b.fits(b.queue[0].bytes) {
		b.first()
	}
}

// first lets the first in the queue go on.
func (b *Budget) first() {
	w := b.queue[0]
	b.queue[0] = nil
	b.queue = b.queue[1:]
	b.taken += w.bytes
	close(w.ready)
}

// unblock lets the first go on if nobody has given anything back for too long.
func (b *Budget) unblock() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) > 0 && time.Since(b.given) >= b.patience {
		b.given = time.Now()
		b.first()
	}
}
