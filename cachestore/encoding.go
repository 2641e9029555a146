package cachestore

import (
	"context"

	"github.com/djsession/djsession/serializer"
)

// An Encoding turns sessions into what a cache's serializer and compressor store, and back. It
// must be safe for concurrent use.
type Encoding interface {
	// Encode returns the item of a dict.
	Encode(ctx context.Context, d *serializer.Dict) (Item, error)

	// Decode returns the dict in an item, of up to max bytes after decompression. An error
	// means that the item cannot be read, unless it is ctx.Err().
	Decode(ctx context.Context, item Item, max int) (*serializer.Dict, error)

	// Format returns the format of what Encode writes: [serializer.FormatPickle] for pickles, or
	// [serializer.FormatJSON] if it holds what JSON can hold.
	Format() serializer.Format
}

// flagPickle is the flag with which pymemcache and pylibmc mark a pickle.
const flagPickle = 1

// Pickle is the encoding of Django's own caches, and of django-redis by default: a pickle. It
// writes protocol 4, which every Python 3 reads.
var Pickle Encoding = pickleEncoding{}

type pickleEncoding struct{}

func (pickleEncoding) Encode(_ context.Context, d *serializer.Dict) (Item, error) {
	data, err := serializer.Pickle.Dumps(d)
	return Item{Value: string(data), Flags: flagPickle}, err
}

func (pickleEncoding) Format() serializer.Format { return serializer.FormatPickle }

func (pickleEncoding) Decode(_ context.Context, item Item, max int) (*serializer.Dict, error) {
	return serializer.Pickle.Loads([]byte(item.Value))
}
