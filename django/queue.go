package django

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/djsession/djsession/internal/slot"
)

// queues hold a queue of updates per session key within this process, so that they wait
// for each other instead of losing to each other at the store. The zero value is ready.
type queues struct {
	mu    sync.Mutex
	byKey map[string]*queue
}

type queue struct {
	slot    slot.Slot
	users   int      // that hold the slot, wait for it, or continue without
	without []string // goroutines that continue without
}

// enter waits until the goroutine me may update key; the caller then calls leave. After
// patience it continues without: the store keeps updates apart anyway.
func (qs *queues) enter(ctx context.Context, key, me string) (leave func(), err error) {
	q, nested := qs.join(key, me)
	if nested {
		err = slot.ErrNested
	} else {
		err = q.slot.Take(ctx, patience, me)
	}
	switch {
	case err == nil:
		return func() {
			q.slot.Release()
			qs.leave(key, "", q)
		}, nil
	case errors.Is(err, slot.ErrNested):
		err = errNested
	case ctx.Err() == nil:
		qs.mu.Lock()
		defer qs.mu.Unlock()
		q.without = append(q.without, me)
		return func() { qs.leave(key, me, q) }, nil
	}
	qs.leave(key, "", q)
	return nil, err
}

// join adds a user to the queue of key. It is nested if the goroutine me continues without
// the slot.
func (qs *queues) join(key, me string) (q *queue, nested bool) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	q = qs.byKey[key]
	if q == nil {
		if qs.byKey == nil {
			qs.byKey = make(map[string]*queue)
		}
		q = new(queue)
		qs.byKey[key] = q
	}
	q.users++
	return q, slices.Contains(q.without, me)
}

// leave removes a user; without is its goroutine if it continued without the slot.
func (qs *queues) leave(key, without string, q *queue) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	if i := slices.Index(q.without, without); i >= 0 {
		q.without = slices.Delete(q.without, i, i+1)
	}
	if q.users--; q.users == 0 {
		delete(qs.byKey, key)
	}
}
