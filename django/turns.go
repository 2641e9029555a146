package django

import (
	"context"
	"sync"
	"time"
)

// turns have the updates of one session in this process wait for each other here
// instead of in vain attempts at the store. The zero value is ready.
type turns struct {
	mu   sync.Mutex
	keys map[string]*turn
}

type turn struct {
	free  chan struct{} // holds one token
	users int           // that have it or wait for it
}

// take waits for the turn of key, which the caller gives back with done. Who has it
// for too long does not hold up the others, who then try without: what keeps the
// updates apart is the store.
func (t *turns) take(ctx context.Context, key string) (done func(), err error) {
	t.mu.Lock()
	if t.keys == nil {
		t.keys = make(map[string]*turn)
	}
	own := t.keys[key]
	if own == nil {
		own = &turn{free: make(chan struct{}, 1)}
		own.free <- struct{}{}
		t.keys[key] = own
	}
	own.users++
	t.mu.Unlock()

	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-own.free:
		return func() { own.free <- struct{}{}; t.leave(key, own) }, nil
	case <-late.C:
		return func() { t.leave(key, own) }, nil
	case <-ctx.Done():
		t.leave(key, own)
		return nil, ctx.Err()
	}
}

func (t *turns) leave(key string, own *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(t.keys, key)
	}
}
