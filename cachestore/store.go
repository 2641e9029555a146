package cachestore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

// store is the django.Store of the cache engine.
type store struct {
	cache Cache
	opts  options
	max   int
}

// Capabilities implements django.Store.
func (s *store) Capabilities() django.Capabilities {
	return django.Capabilities{Expires: true, Format: s.opts.encoding.Format()}
}

// Load implements django.Store.
func (s *store) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	item, err := s.cache.Get(ctx, s.opts.fullKey(key))
	if err != nil {
		return django.Record{}, err
	}
	return s.record(ctx, key, item)
}

// record returns the record of an item.
func (s *store) record(ctx context.Context, key string, item Item) (django.Record, error) {
	rec := django.Record{Key: key, Version: versionOf(item)}
	var err error
	rec.Data, err = s.opts.encoding.Decode(ctx, item, s.max)
	switch {
	case err == nil:
		return rec, nil
	case ctx.Err() != nil:
		return django.Record{}, ctx.Err()
	case !errors.Is(err, django.ErrCorrupt) && !errors.Is(err, django.ErrUnreadable):
		err = fmt.Errorf("%w: %w", django.ErrUnreadable, err)
	}
	rec.Data, rec.Corrupt = new(serializer.Dict), err
	return rec, nil
}

// Create implements django.Store.
func (s *store) Create(ctx context.Context, w django.Write) (django.Record, error) {
	item, err := s.opts.encoding.Encode(ctx, w.Data)
	if err != nil {
		return django.Record{}, err
	}
	return s.add(ctx, w, item)
}

func (s *store) add(ctx context.Context, w django.Write, item Item) (django.Record, error) {
	if w.Age > 0 {
		if err := s.cache.Add(ctx, s.opts.fullKey(w.Key), item, w.Age); err != nil {
			return django.Record{}, err
		}
	}
	return django.Record{Key: w.Key, Version: versionOf(item)}, nil
}

// Save implements django.Store.
func (s *store) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	was := itemOf(old.Version)
	item := was
	if w.Data != nil {
		var err error
		if item, err = s.opts.encoding.Encode(ctx, w.Data); err != nil {
			return django.Record{}, err
		}
	}
	if w.Key != old.Key {
		return s.move(ctx, old.Key, was, w, item)
	}
	current, err := was, error(nil)
	if w.Age > 0 {
		current, err = s.cache.Replace(ctx, s.opts.fullKey(w.Key), was, item, w.Age)
	} else {
		current, err = s.cache.Remove(ctx, s.opts.fullKey(w.Key), was)
	}
	if err != nil {
		return s.conflict(ctx, w.Key, current, err)
	}
	return django.Record{Key: w.Key, Version: versionOf(item)}, nil
}

// conflict returns err, with the record that is stored now if it is a conflict.
func (s *store) conflict(ctx context.Context, key string, current Item, err error) (django.Record, error) {
	if !errors.Is(err, django.ErrConflict) {
		return django.Record{}, err
	}
	rec, unread := s.record(ctx, key, current)
	return rec, cmp.Or(unread, err)
}

// move stores a session under a new key: see django.Capabilities.AtomicMove.
func (s *store) move(ctx context.Context, oldKey string, was Item, w django.Write, item Item) (django.Record, error) {
	rec, err := s.add(ctx, w, item)
	if err != nil {
		return rec, err
	}
	current, err := s.cache.Remove(ctx, s.opts.fullKey(oldKey), was)
	if err == nil || errors.Is(err, django.ErrOutcomeUnknown) {
		return rec, err
	}
	if w.Age > 0 {
		if _, undo := s.cache.Remove(context.WithoutCancel(ctx), s.opts.fullKey(w.Key), item); undo != nil && !errors.Is(undo, django.ErrNotFound) {
			return django.Record{}, fmt.Errorf("cachestore: %w: %w", django.ErrOutcomeUnknown, err)
		}
	}
	return s.conflict(ctx, oldKey, current, err)
}

// Delete implements django.Store.
func (s *store) Delete(ctx context.Context, key string) error {
	return s.cache.Delete(ctx, s.opts.fullKey(key))
}

// ClearExpired implements django.Store: caches remove expired sessions themselves.
func (s *store) ClearExpired(ctx context.Context, now time.Time) (int64, error) { return 0, ctx.Err() }

// versionOf returns an item as a version, and itemOf the item of a version.
func versionOf(item Item) string { return strconv.FormatUint(uint64(item.Flags), 16) + ":" + item.Value }

func itemOf(version string) Item {
	flags, value, _ := strings.Cut(version, ":")
	n, _ := strconv.ParseUint(flags, 16, 32)
	return Item{Value: value, Flags: uint32(n)}
}
