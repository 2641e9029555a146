package djangoredis

import (
	"context"
	"errors"
	"fmt"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/payload"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

// A Serializer is one of django-redis's: SERIALIZER in the OPTIONS of the site's CACHES.
type Serializer struct {
	name   string
	format serializer.Format
	serializer.Serializer
}

// The serializers of django-redis.
var (
	// Pickle is django_redis.serializers.pickle.PickleSerializer, the default.
	Pickle = Serializer{"pickle", serializer.FormatPickle, serializer.Pickle}
	// JSON is django_redis.serializers.json.JSONSerializer.
	JSON = Serializer{"JSON", serializer.FormatJSON, jsonSerializer{}}
	// MsgPack is django_redis.serializers.msgpack.MSGPackSerializer. It holds integers of 64
	// bits and text that is UTF-8; other values are an error when the session is saved, as they
	// are in Python. A tuple becomes a list.
	MsgPack = Serializer{"MessagePack", serializer.FormatJSON, msgpackSerializer{}}
)

// Encoding returns the encoding of a site whose CACHES have this SERIALIZER and COMPRESSOR.
// Values that are too short for the compressor are stored as they are, and what cannot be
// decompressed is read as it is, both as by django-redis.
//
// Only two values are decoded at once whose data, or the memory to decompress it, is above 64
// KiB. The others wait, until their context ends.
func Encoding(s Serializer, c Compressor) cachestore.Encoding { return encoding{s, c} }

type encoding struct {
	serializer Serializer
	compressor Compressor
}

// Encode implements cachestore.Encoding.
func (e encoding) Encode(ctx context.Context, d *serializer.Dict, max int) (cachestore.Item, error) {
	data, err := e.serializer.Dumps(d)
	if err != nil {
		return cachestore.Item{}, fmt.Errorf("djangoredis: the serializer (%s) cannot write the session: %w", e.serializer.name, err)
	}
	if len(data) > max {
		return cachestore.Item{}, django.ErrTooLarge
	}
	if e.compressor.compress == nil || len(data) <= e.compressor.longer {
		return cachestore.Item{Value: string(data)}, nil
	}
	hold, err := payload.Take(ctx, len(data))
	if err != nil {
		return cachestore.Item{}, err
	}
	defer hold.Release()
	return cachestore.Item{Value: string(e.compressor.compress(data))}, nil
}

// Decode implements cachestore.Encoding.
func (e encoding) Decode(ctx context.Context, item cachestore.Item, max int) (*serializer.Dict, error) {
	data, hold, err := e.inflate(ctx, []byte(item.Value), max)
	if err != nil {
		return nil, err
	}
	defer hold.Release() // reading large data takes memory too
	d, err := e.serializer.Loads(data)
	if err != nil {
		return nil, fmt.Errorf("djangoredis: the serializer (%s, compressor %s) cannot read it%s: %w", e.serializer.name, e.compressor.name, looksLike(item.Value), err)
	}
	return d, nil
}

// Format implements cachestore.Encoding.
func (e encoding) Format() serializer.Format { return e.serializer.format }

// inflate returns the serialized data in a value, and the slot that is taken if it is large.
func (e encoding) inflate(ctx context.Context, value []byte, max int) ([]byte, payload.Hold, error) {
	c := e.compressor
	if c.decompress == nil || !c.begins(value) {
		return plain(ctx, value, max)
	}
	if len(value) <= payload.Small && !c.heavy(value) {
		data, err := c.decompress(value, min(max, payload.Small))
		if err == nil {
			return data, payload.Hold{}, nil
		}
		if !errors.Is(err, signing.ErrTooLarge) {
			return plain(ctx, value, max)
		}
	}
	hold, err := payload.Take(ctx, payload.Small+1)
	if err != nil {
		return nil, hold, err
	}
	data, err := c.decompress(value, max)
	if err == nil {
		return data, hold, nil
	}
	hold.Release()
	if errors.Is(err, signing.ErrTooLarge) {
		return nil, hold, err
	}
	return plain(ctx, value, max)
}

// plain returns a value that is not compressed.
func plain(ctx context.Context, value []byte, max int) ([]byte, payload.Hold, error) {
	if len(value) > max {
		return nil, payload.Hold{}, signing.ErrTooLarge
	}
	hold, err := payload.Take(ctx, len(value))
	return value, hold, err
}
