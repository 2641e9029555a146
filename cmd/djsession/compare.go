package main

import (
	"context"
	"errors"

	"github.com/djsession/djsession/cachestore/memcached"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// sameData reports whether two sessions have the same values under the same keys. The
// spelling of a value may differ: a target may write it in its own way.
func sameData(a, b *serializer.Dict) bool {
	if a.Len() != b.Len() {
		return false
	}
	for key, v := range a.All() {
		if w, ok := b.Get(key); !ok || !sameValue(v, w) {
			return false
		}
	}
	return true
}

func sameValue(a, b serializer.Value) bool {
	if a.Equal(b) {
		return true
	}
	if a.Kind() != b.Kind() {
		return false
	}
	x, xOK := canonical(a)
	y, yOK := canonical(b)
	return xOK && yOK && x == y
}

// canonical returns a value as Python would write it as JSON, with the keys of dicts in
// order. ok is false for a value that JSON has no form for.
func canonical(v serializer.Value) (text string, ok bool) {
	var decoded any
	if v.Decode(&decoded) != nil {
		return "", false
	}
	encoded, err := serializer.Encode(decoded)
	return string(encoded.Bytes()), err == nil
}

// canHold returns an error if the site's engine cannot hold a session's data, such as a tuple
// in JSON.
func (s *site) canHold(ctx context.Context, d *serializer.Dict) (err error) {
	if s.engine == "cache" {
		_, err = s.cache.encoding.Encode(ctx, d, s.Codec().MaxInflated())
	} else {
		_, err = s.Codec().Encode(ctx, d)
	}
	return err
}

// tooLarge reports whether an error says that a session is too large for its place.
func tooLarge(err error) bool {
	return errors.Is(err, django.ErrTooLarge) || errors.Is(err, memcached.ErrTooLarge)
}
