package cachestore

import (
	"context"
	"iter"
	"math"
	"time"
)

// A Cache is where the items are: one of Django's CACHES, without its KEY_PREFIX, VERSION,
// serializer and compressor. All methods may be called concurrently and return when their
// context ends. Keys are full keys, such as ":1:django.contrib.sessions.cache" and the
// session's key. An item whose age has passed is gone, and so is one under a key that the
// cache cannot hold.
//
// The errors are django.ErrNotFound, django.ErrExists, django.ErrConflict and
// django.ErrOutcomeUnknown as for django.Store. Any other error of Add, Replace and Remove
// means that nothing was written and never will be. Errors hold neither keys nor values.
//
// A cache may also be a [Scanner], an [Opener] and a [Checker].
type Cache interface {
	// Get returns the item under key, or django.ErrNotFound. An error that wraps
	// django.ErrUnreadable means that what is stored there is no item, such as a list in
	// Redis.
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

// WholeSeconds returns an age as caches store it: in whole seconds, rounded up, or down where no
// Duration is that long.
func WholeSeconds(age time.Duration) time.Duration {
	whole := age.Truncate(time.Second)
	if whole < age && whole <= math.MaxInt64-time.Second {
		whole += time.Second
	}
	return whole
}

// An Item is what a cache holds under a key.
type Item struct {
	Value string // the stored bytes
	Flags uint32 // those of memcached; other caches have none, and ignore them
}

// A Scanner is a [Cache] that can list its keys, as memcached cannot. A store on it is a
// django.Lister.
type Scanner interface {
	// Scan iterates over the keys that begin with prefix, in any order. A key that is
	// stored or removed meanwhile may be missing, and a key may come twice. An error ends
	// the iteration.
	Scan(ctx context.Context, prefix string) iter.Seq2[Scanned, error]
}

// Scanned is a key as [Scanner] finds it.
type Scanned struct {
	Key string
	Age time.Duration // the time it has left; negative if it does not expire
}
