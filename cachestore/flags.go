package cachestore

import (
	"context"
	"fmt"

	"github.com/djsession/djsession/internal/payload"
)

// The flags with which pymemcache and pylibmc mark what a value in memcached is. They take an
// uncompressed value in any case.
const (
	flagPickle = 1 << 0
	flagZlib   = 1 << 3
)

// otherFlags name the values that are no pickles.
var otherFlags = map[uint32]string{1 << 1: "an integer", 1 << 2: "a long integer", 1 << 4: "a text"}

// unflagged returns the pickle in an item, inflated up to max bytes. Items of other caches have
// no flags.
func unflagged(ctx context.Context, item Item, max int) (Item, error) {
	switch item.Flags {
	case 0, flagPickle:
		return item, nil
	case flagPickle | flagZlib:
		data, err := payload.Inflate(ctx, []byte(item.Value), max)
		return Item{Value: string(data)}, err
	}
	if kind := otherFlags[item.Flags&^flagZlib]; kind != "" {
		return item, fmt.Errorf("cachestore: memcached's flags %d mark %s, not a pickle", item.Flags, kind)
	}
	return item, fmt.Errorf("cachestore: memcached's flags %d are none of pymemcache's or pylibmc's for a pickle", item.Flags)
}
