package memcached

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
)

// server returns the server of a key, or nil if memcached does not take the key.
func (c *Cache) server(key string) (*server, error) {
	if c.err != nil || !possible(key) {
		return nil, c.err
	}
	return c.servers[c.pick(key)], nil
}

// Get implements cachestore.Cache.
func (c *Cache) Get(ctx context.Context, key string) (cachestore.Item, error) {
	s, err := c.server(key)
	if s == nil {
		return cachestore.Item{}, orNotFound(err)
	}
	stored, err := s.get(ctx, "get", key)
	if err != nil {
		return cachestore.Item{}, err
	}
	return itemOf(stored), nil
}

func orNotFound(err error) error {
	if err == nil {
		err = django.ErrNotFound
	}
	return err
}

func itemOf(stored *memcache.Item) cachestore.Item {
	return cachestore.Item{Value: string(stored.Value), Flags: stored.Flags}
}

func (s *server) get(ctx context.Context, op, key string) (*memcache.Item, error) {
	stored, err := s.repeatable(ctx, func(client *memcache.Client) (*memcache.Item, error) { return client.Get(key) })
	switch {
	case errors.Is(err, memcache.ErrCacheMiss):
		return nil, django.ErrNotFound
	case err != nil:
		return nil, s.fail(op, false, err)
	case stored.CasID == 0:
		return nil, errNoCAS
	}
	return stored, nil
}

// Add implements cachestore.Cache.
func (c *Cache) Add(ctx context.Context, key string, item cachestore.Item, age time.Duration) error {
	s, err := c.server(key)
	if err != nil {
		return err
	}
	if s == nil {
		return errors.New("memcached: add: a key has at most 250 bytes, and no blanks or control characters")
	}
	err = s.once(ctx, func(client *memcache.Client) error {
		return client.Add(&memcache.Item{Key: key, Value: []byte(item.Value), Flags: item.Flags, Expiration: c.expiration(age)})
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, memcache.ErrNotStored):
		return django.ErrExists
	}
	return s.fail("add", true, err)
}

// Replace implements cachestore.Cache.
func (c *Cache) Replace(ctx context.Context, key string, old, item cachestore.Item, age time.Duration) (cachestore.Item, error) {
	return c.swap(ctx, "replace", key, old, &memcache.Item{Value: []byte(item.Value), Flags: item.Flags, Expiration: c.expiration(age)})
}

// Remove implements cachestore.Cache. memcached has no conditional delete: the item is replaced
// by an empty one that has expired.
func (c *Cache) Remove(ctx context.Context, key string, old cachestore.Item) (cachestore.Item, error) {
	return c.swap(ctx, "remove", key, old, &memcache.Item{Expiration: -1})
}

// swap stores an item in the place of old. memcached changes an item's cas token with every
// write, also one of the same value: then it tries again.
func (c *Cache) swap(ctx context.Context, op, key string, old cachestore.Item, item *memcache.Item) (cachestore.Item, error) {
	s, err := c.server(key)
	if s == nil {
		return cachestore.Item{}, orNotFound(err)
	}
	for {
		stored, err := s.get(ctx, op, key)
		if err != nil {
			return cachestore.Item{}, err
		}
		if current := itemOf(stored); current != old {
			return current, django.ErrConflict
		}
		item := *item
		item.Key, item.CasID = key, stored.CasID
		err = s.once(ctx, func(client *memcache.Client) error { return client.CompareAndSwap(&item) })
		switch {
		case err == nil:
			return cachestore.Item{Value: string(item.Value), Flags: item.Flags}, nil
		case errors.Is(err, memcache.ErrCacheMiss):
			return cachestore.Item{}, django.ErrNotFound
		case !errors.Is(err, memcache.ErrCASConflict):
			return cachestore.Item{}, s.fail(op, true, err)
		}
	}
}

// Delete implements cachestore.Cache.
func (c *Cache) Delete(ctx context.Context, key string) error {
	s, err := c.server(key)
	if s == nil {
		return err
	}
	_, err = s.repeatable(ctx, func(client *memcache.Client) (*memcache.Item, error) { return nil, client.Delete(key) })
	if err == nil || errors.Is(err, memcache.ErrCacheMiss) {
		return nil
	}
	return s.fail("delete", true, err)
}

// Check implements cachestore.Checker: every server must answer.
func (c *Cache) Check(ctx context.Context) error {
	if c.err != nil {
		return c.err
	}
	for _, s := range c.servers {
		_, err := s.repeatable(ctx, func(client *memcache.Client) (*memcache.Item, error) { return nil, client.Ping() })
		if err != nil {
			return s.fail("check", false, err)
		}
	}
	return nil
}

// expiration returns an age as memcached takes it: whole seconds, rounded up. More than 30 days
// must be a Unix time, by the clock of the sessions: then that and the server's should agree.
// gomemcache has no times after 2038.
func (c *Cache) expiration(age time.Duration) int32 {
	const most = 30 * 24 * time.Hour
	if age <= most {
		return int32(cachestore.WholeSeconds(age) / time.Second)
	}
	at := c.now().Add(cachestore.WholeSeconds(age)).Unix()
	return int32(min(at, math.MaxInt32))
}
