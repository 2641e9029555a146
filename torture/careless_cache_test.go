package torture

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// itemKey returns the key under which Django's cache engine keeps a session.
func itemKey(key string) string { return ":1:django.contrib.sessions.cache" + key }

// carelesslyCached is a writer that loads the session, and later writes it back as a whole,
// whatever is stored by then. It returns the number that it found.
func carelesslyCached(ctx context.Context, cache cachestore.Cache, key, name string, n int) (was int, err error) {
	const most = 1 << 20
	item, err := cache.Get(ctx, itemKey(key))
	if err != nil {
		return 0, err
	}
	data, err := cachestore.Pickle.Decode(ctx, item, most)
	if err != nil {
		return 0, err
	}
	if value, ok := data.Get(name); ok {
		if err := value.Decode(&was); err != nil {
			return 0, err
		}
	}
	for key, v := range map[string]any{name: n, by: name} {
		value, err := serializer.Encode(v)
		if err != nil {
			return 0, err
		}
		data.Set(key, value)
	}
	next, err := cachestore.Pickle.Encode(ctx, data, most)
	if err != nil {
		return 0, err
	}
	for {
		now, err := cache.Replace(ctx, itemKey(key), item, next, time.Hour)
		if !errors.Is(err, django.ErrConflict) {
			return was, err
		}
		item = now
	}
}

// carelessCache tests the watch: it finds what careless writers lose.
func carelessCache(t *testing.T, a *arena) {
	a.refresh(t)
	processes := start(t, a.orders(careless)...)
	stop := a.read(t)
	for _, p := range processes {
		p.begin(t)
	}
	time.Sleep(current.locked / 4)
	for _, p := range processes {
		p.end(t)
		if p.failed > 0 {
			t.Errorf("%s: %d writes failed; its log:\n%s", p.order.Name, p.failed, tailOf(p.log))
		}
	}
	stop()
	if found := len(a.watch.lost); found == 0 {
		t.Error("no careless write was found lost")
	}
}
