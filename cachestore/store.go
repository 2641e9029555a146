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

var (
	_ django.Store   = (*store)(nil)
	_ django.Checker = (*store)(nil)
	_ django.Lister  = (*lister)(nil)
)

// errForeign: no store returns records with such keys.
var errForeign = errors.New("cachestore: save: the record is not one of this store")

// Capabilities implements django.Store.
func (s *store) Capabilities() django.Capabilities {
	return django.Capabilities{Expires: true, Format: s.opts.encoding.Format()}
}

// Load implements django.Store.
func (s *store) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	if !s.opts.possible(key) {
		return django.Record{}, django.ErrNotFound
	}
	item, err := s.cache.Get(ctx, s.opts.fullKey(key))
	if errors.Is(err, django.ErrUnreadable) {
		return django.Record{Key: key, Data: new(serializer.Dict), Corrupt: err}, nil
	}
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
		err = fmt.Errorf("%w: cachestore: this is not what WithEncoding reads: compare it with SERIALIZER and COMPRESSOR in the OPTIONS of the site's CACHES: %w", django.ErrUnreadable, err)
	}
	rec.Data, rec.Corrupt = new(serializer.Dict), err
	return rec, nil
}

// Create implements django.Store.
func (s *store) Create(ctx context.Context, w django.Write) (django.Record, error) {
	if !s.opts.possible(w.Key) {
		return django.Record{}, errors.New("cachestore: create: the key is not possible for a session")
	}
	item, err := s.opts.encoding.Encode(ctx, w.Data, s.max)
	if err != nil {
		return django.Record{}, err
	}
	return s.add(ctx, w, item)
}

// add stores the item under w.Key, unless it would expire at once.
func (s *store) add(ctx context.Context, w django.Write, item Item) (django.Record, error) {
	key := s.opts.fullKey(w.Key)
	if w.Age > 0 {
		if err := s.cache.Add(ctx, key, item, w.Age); err != nil {
			return django.Record{}, err
		}
	} else if _, err := s.cache.Get(ctx, key); !errors.Is(err, django.ErrNotFound) {
		if errors.Is(err, django.ErrUnreadable) {
			err = nil // the key is in use
		}
		return django.Record{}, cmp.Or(err, django.ErrExists)
	}
	return django.Record{Key: w.Key, Version: versionOf(item)}, nil
}

// Save implements django.Store. What expires at once is removed, as by Django's caches.
func (s *store) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	if !s.opts.possible(old.Key) || w.Key != old.Key && !s.opts.possible(w.Key) {
		return django.Record{}, errForeign
	}
	was := itemOf(old.Version)
	item, err := s.encode(ctx, was, w.Data)
	if err != nil {
		return django.Record{}, err
	}
	if w.Key != old.Key {
		return s.move(ctx, old.Key, was, w, item)
	}
	var current Item
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

// encode returns the item of new data, or that of the old data if there is none.
func (s *store) encode(ctx context.Context, was Item, data *serializer.Dict) (Item, error) {
	if data != nil {
		return s.opts.encoding.Encode(ctx, data, s.max)
	}
	if r, ok := s.opts.encoding.(Renewer); ok {
		return r.Renew(ctx, was)
	}
	return was, nil
}

// conflict returns err, with the record that is stored now if it is a conflict.
func (s *store) conflict(ctx context.Context, key string, current Item, err error) (django.Record, error) {
	if !errors.Is(err, django.ErrConflict) {
		return django.Record{}, err
	}
	rec, unread := s.record(ctx, key, current)
	return rec, cmp.Or(unread, err)
}

// undoTimeout bounds how long a move that did not happen is undone.
const undoTimeout = 2 * time.Second

// move stores a session under a new key: see django.Capabilities.AtomicMove. If the copy under
// the new key cannot be removed again, it stays until it expires; nobody has its key. A copy of
// which nothing is known is left alone: a late removal could meet the same copy of a later attempt.
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
		undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
		defer cancel()
		_, _ = s.cache.Remove(undo, s.opts.fullKey(w.Key), item)
	}
	return s.conflict(ctx, oldKey, current, err)
}

// Delete implements django.Store.
func (s *store) Delete(ctx context.Context, key string) error {
	if !s.opts.possible(key) {
		return nil
	}
	return s.cache.Delete(ctx, s.opts.fullKey(key))
}

// ClearExpired implements django.Store: caches remove expired sessions themselves.
func (s *store) ClearExpired(ctx context.Context, now time.Time) (int64, error) { return 0, ctx.Err() }

// versionOf returns an item as a version, and itemOf the item of a version: the value alone if
// it has no flags.
func versionOf(item Item) string {
	if item.Flags == 0 && !strings.HasPrefix(item.Value, flagged) {
		return item.Value
	}
	return flagged + strconv.FormatUint(uint64(item.Flags), 16) + ":" + item.Value
}

func itemOf(version string) Item {
	rest, ok := strings.CutPrefix(version, flagged)
	if !ok {
		return Item{Value: version}
	}
	flags, value, _ := strings.Cut(rest, ":")
	n, _ := strconv.ParseUint(flags, 16, 32)
	return Item{Value: value, Flags: uint32(n)}
}

// flagged is what versions with flags begin with.
const flagged = "\x00"
