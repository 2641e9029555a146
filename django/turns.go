package django

import (
	"context"
	"errors"
	"sync"

	"github.com/djsession/djsession/internal/slot"
)

// turns serializes the updates per session key within this process, so that they wait in
// line instead of losing to each other at the store. The zero value is ready.
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
	own := t.enter(key)
	switch err := own.slot.Take(ctx, patience, me); {
	case err == nil:
		return func() { own.slot.Release(); t.leave(key, own) }, nil
	case errors.Is(err, slot.ErrNested):
		t.leave(key, own)
		return nil, errNested
	case ctx.Err() != nil:
		t.leave(key, own)
		return nil, err
	}
	return func() { t.leave(key, own) }, nil
}

func (t *turns) enter(key string) *turn {
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
	return own
}

func (t *turns) leave(key string, own *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(t.keys, key)
	}
}
