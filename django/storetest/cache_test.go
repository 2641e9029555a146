package storetest_test

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/djsession/djsession/django"
)

// cache is a store like memcached: sessions expire by themselves, every value has a cas
// token, and a session moves in steps.
type cache struct {
	codec *django.Codec
	mu    sync.Mutex
	items map[string]item
	last  int // token
}

type item struct {
	text    string
	token   string
	expires time.Time
}

func (*cache) Capabilities() django.Capabilities { return django.Capabilities{Expires: true} }

// get returns what has not expired.
func (c *cache) get(key string) (item, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.live(key)
}

func (c *cache) live(key string) (item, bool) {
	i, ok := c.items[key]
	return i, ok && time.Now().Before(i.expires)
}

// cas stores text if the token is still the one that is stored; "" is that of nothing.
func (c *cache) cas(key, token, text string, age time.Duration) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	current, ok := c.live(key)
	switch {
	case token == "" && ok:
		return "", django.ErrExists
	case token != "" && !ok:
		return "", django.ErrNotFound
	case current.token != token && ok:
		return "", django.ErrConflict
	}
	c.last++
	c.items[key] = item{text, strconv.Itoa(c.last), time.Now().Add(age)}
	return c.items[key].token, nil
}

// remove removes an item if the token is still the one that is stored.
func (c *cache) remove(key, token string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	current, ok := c.live(key)
	switch {
	case !ok:
		return django.ErrNotFound
	case current.token != token:
		return django.ErrConflict
	}
	delete(c.items, key)
	return nil
}

func (c *cache) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	i, ok := c.get(key)
	if !ok || !i.expires.After(now) || ctx.Err() != nil {
		return django.Record{}, cmp.Or(ctx.Err(), django.ErrNotFound)
	}
	return c.record(ctx, key, i)
}

func (c *cache) record(ctx context.Context, key string, i item) (django.Record, error) {
	rec, err := c.codec.Record(ctx, key, i.text)
	rec.Version = i.token
	return rec, err
}

func (c *cache) Create(ctx context.Context, w django.Write) (django.Record, error) {
	text, err := c.codec.Encode(ctx, w.Data)
	if err := cmp.Or(err, ctx.Err()); err != nil {
		return django.Record{}, err
	}
	token, err := c.cas(w.Key, "", text, w.Age)
	return django.Record{Key: w.Key, Version: token}, err
}

func (c *cache) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	current, ok := c.get(old.Key)
	if !ok || ctx.Err() != nil {
		return django.Record{}, cmp.Or(ctx.Err(), django.ErrNotFound)
	}
	if current.token != old.Version {
		return c.conflict(ctx, old.Key)
	}
	text := current.text
	if w.Data != nil {
		var err error
		if text, err = c.codec.Encode(ctx, w.Data); err != nil {
			return django.Record{}, err
		}
	}
	token, err := c.swap(old, w, text)
	if errors.Is(err, django.ErrConflict) {
		return c.conflict(ctx, old.Key)
	}
	return django.Record{Key: w.Key, Version: token}, err
}

func (c *cache) swap(old django.Record, w django.Write, text string) (string, error) {
	if w.Key == old.Key {
		return c.cas(w.Key, old.Version, text, w.Age)
	}
	token, err := c.cas(w.Key, "", text, w.Age)
	if err != nil {
		return "", err
	}
	if err := c.remove(old.Key, old.Version); err != nil {
		return "", cmp.Or(c.remove(w.Key, token), err)
	}
	return token, nil
}

func (c *cache) conflict(ctx context.Context, key string) (django.Record, error) {
	i, ok := c.get(key)
	if !ok {
		return django.Record{}, django.ErrNotFound
	}
	rec, err := c.record(ctx, key, i)
	return rec, cmp.Or(err, django.ErrConflict)
}

func (c *cache) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.items, key)
	return nil
}

func (*cache) ClearExpired(context.Context, time.Time) (int64, error) { return 0, nil }
