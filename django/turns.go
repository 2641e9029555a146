package django

import (
	"context"
	"sync"
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

// take waits for the turn of key, and reports whether there was anybody to wait
// for. The caller gives it back with done.
func (t *turns) take(ctx context.Context, key string) (done func(), waited bool, err error) {
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
	waited = own.users > 1
	t.mu.Unlock()

	select {
	case <-own.free:
		return func() { own.free <- struct{}{}; t.leave(key, own) }, waited, nil
	case <-ctx.Done():
		t.leave(key, own)
		return nil, waited, ctx.Err()
	}
}

func (t *turns) leave(key string, own *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(t.keys, key)
	}
}
