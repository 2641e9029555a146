package django

import (
	"context"
	"errors"
	"sync"

	"github.com/djsession/djsession/internal/slot"
)

// turns serializes the updates per session key within this process, so that they wait
// in line instead of losing to each other at the store. The zero value is ready.
type turns struct {
	mu   sync.Mutex
	keys map[string]*turn
}

type turn struct {
	slot  slot.Slot
	users int // that hold the slot or wait for it
}

// take waits until the goroutine me may update key; the caller then calls done. After
// patience it continues without: the store keeps updates apart anyway.
func (t *turns) take(ctx context.Context, key, me string) (done func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.keys == nil {
		t.keys = make(map[string]*turn)
	}
	own := t.keys[key]
	if own == nil {
		own = new(turn)
		t.keys[key] = own
	}
	own.users++
	switch err := own.slot.Take(ctx, &t.mu, patience, me); {
	case err == nil:
		own.slot.SetOwner(me)
		return func() { t.leave(key, own, true) }, nil
	case errors.Is(err, slot.ErrNested):
		t.forget(key, own)
		return nil, errNested
	case ctx.Err() != nil:
		t.forget(key, own)
		return nil, err
	}
	return func() { t.leave(key, own, false) }, nil
}

func (t *turns) leave(key string, own *turn, holds bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if holds {
		own.slot.Release()
	}
	t.forget(key, own)
}

// forget is called with the mutex held.
func (t *turns) forget(key string, own *turn) {
	if own.users--; own.users == 0 {
		delete(t.keys, key)
	}
}
