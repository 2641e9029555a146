package cachestore

import (
	"context"
	"unsafe"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/payload"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

// An Encoding turns sessions into what a cache's serializer and compressor store, and back. It
// must be safe for concurrent use.
type Encoding interface {
	// Encode returns the item of a dict. Serialized data of more than max bytes, before
	// compression, is django.ErrTooLarge.
	Encode(ctx context.Context, d *serializer.Dict, max int) (Item, error)

	// Decode returns the dict in an item, whose serialized data may have up to max bytes,
	// after decompression; more is signing.ErrTooLarge. An error means that the item cannot
	// be read, unless it is ctx.Err().
	Decode(ctx context.Context, item Item, max int) (*serializer.Dict, error)

	// Format returns the format of what Encode writes: [serializer.FormatPickle] for pickles, or
	// [serializer.FormatJSON] if it holds what JSON can hold.
	Format() serializer.Format
}

// A Renewer is an [Encoding] whose items have to be written anew even if only their age
// changes, such as signed ones whose key is no longer the site's.
type Renewer interface {
	// Renew returns the item with the same dict as Encode would write it, or item itself.
	Renew(ctx context.Context, item Item) (Item, error)
}

// Pickle is the encoding of Django's own caches, and of django-redis by default: a pickle. It
// writes protocol 4, which every Python 3 reads.
var Pickle Encoding = pickleEncoding{}

type pickleEncoding struct{}

func (pickleEncoding) Encode(_ context.Context, d *serializer.Dict, max int) (Item, error) {
	data, err := serializer.Pickle.Dumps(d)
	if err == nil && len(data) > max {
		err = django.ErrTooLarge
	}
	// Nobody else has data, so it is not copied.
	return Item{Value: unsafe.String(unsafe.SliceData(data), len(data)), Flags: flagPickle}, err
}

func (pickleEncoding) Format() serializer.Format { return serializer.FormatPickle }

func (pickleEncoding) Decode(ctx context.Context, item Item, max int) (*serializer.Dict, error) {
	item, err := unflagged(ctx, item, max)
	if err != nil {
		return nil, err
	}
	if len(item.Value) > max {
		return nil, signing.ErrTooLarge
	}
	hold, err := payload.Take(ctx, len(item.Value))
	if err != nil {
		return nil, err
	}
	defer hold.Release()
	// Loads changes nothing and keeps nothing of it.
	return serializer.Pickle.Loads(unsafe.Slice(unsafe.StringData(item.Value), len(item.Value)))
}
