package cachestore

import (
	"context"
	"time"
)

// A Cache is where the items are: one of Django's CACHES, without its KEY_PREFIX, VERSION,
// serializer and compressor. All methods may be called concurrently and return when their
// context ends. Keys are full keys, such as ":1:django.contrib.sessions.cache" and the
// session's key. An item whose age has passed is gone.
//
// The errors are django.ErrNotFound, django.ErrExists, django.ErrConflict and
// django.ErrOutcomeUnknown as for django.Store. Any other error of a method that writes
// means that nothing was written and never will be. Errors hold neither keys nor values.
type Cache interface {
	// Get returns the item under key, or django.ErrNotFound.
	Get(ctx context.Context, key string) (Item, error)

	// Add stores an item for age, which is positive and is rounded up to whole seconds, or
	// returns django.ErrExists if the key is in use.
	Add(ctx context.Context, key string, item Item, age time.Duration) error

	// Replace stores item for age in the place of old, in one atomic step. If the key is
	// gone, it returns django.ErrNotFound; if it holds another item, django.ErrConflict
	// with that item. old and item may be equal, to set the age only.
	Replace(ctx context.Context, key string, old, item Item, age time.Duration) (current Item, err error)

	// Remove removes the item under key if it is old, in one atomic step, with the errors of
	// Replace.
	Remove(ctx context.Context, key string, old Item) (current Item, err error)

	// Delete removes the item under key. An absent one is no error.
	Delete(ctx context.Context, key string) error
}

// An Item is what a cache holds under a key.
type Item struct {
	Value string // the stored bytes
	Flags uint32 // those of memcached; other caches have none, and ignore them
}
