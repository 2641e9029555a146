package django

import (
	"context"
	"errors"
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
	slot  slot.Slot
	users int // that hold the slot or wait for it
}

// enter waits until the goroutine me may update key; the caller then calls leave. After
// patience it continues without: the store keeps updates apart anyway.
func (qs *queues) enter(ctx context.Context, key, me string) (leave func(), err error) {
	q := qs.join(key)
	err = q.slot.Take(ctx, patience, me)
	switch {
	case err == nil:
		return func() {
			q.slot.Release()
			qs.leave(key, q)
		}, nil
	case errors.Is(err, slot.ErrNested):
		err = errNested
	case ctx.Err() == nil:
		return func() { qs.leave(key, q) }, nil
	}
	qs.leave(key, q)
	return nil, err
}

func (qs *queues) join(key string) *queue {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	q := qs.byKey[key]
	if q == nil {
		if qs.byKey == nil {
			qs.byKey = make(map[string]*queue)
		}
		q = new(queue)
		qs.byKey[key] = q
	}
	q.users++
	return q
}

func (qs *queues) leave(key string, q *queue) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	if q.users--; q.users == 0 {
		delete(qs.byKey, key)
	}
}
