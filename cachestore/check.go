package cachestore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/djsession/djsession/django"
)

const (
	// Of so many sessions that it finds, Check reads those that expire last.
	sampleFound, sampleRead = 500, 20
	// sampleTime bounds how long Check looks for sessions among a cache's other keys.
	sampleTime = 2 * time.Second
)

// Check implements django.Checker. It returns an error if the cache cannot be reached, or is not
// set up, as far as it can tell.
func (s *store) Check(ctx context.Context, now time.Time) error {
	if checker, ok := s.cache.(Checker); ok {
		return checker.Check(ctx)
	}
	_, err := s.cache.Get(ctx, s.opts.fullKey(probe))
	if errors.Is(err, django.ErrNotFound) || errors.Is(err, django.ErrUnreadable) {
		return nil
	}
	return err
}

// Check implements django.Checker. It returns an error if the cache cannot be reached, and one
// that wraps django.ErrCorrupt or django.ErrUnreadable if none of the sessions it finds can be
// read with the settings. It looks for sessions for two seconds at most.
func (s *lister) Check(ctx context.Context, now time.Time) error {
	if err := s.store.Check(ctx, now); err != nil {
		return err
	}
	if _, err := s.opts.keyPrefix(); err != nil {
		return nil // they cannot be listed
	}
	short, cancel := context.WithTimeout(ctx, sampleTime)
	defer cancel()
	found, err := s.find(short, django.Filter{Now: now}, sampleFound)
	if err != nil && (ctx.Err() != nil || short.Err() == nil) {
		return err
	}
	var unreadable error
	for _, at := range found[:min(len(found), sampleRead)] {
		switch rec, err := s.Load(ctx, at.Key, now); {
		case errors.Is(err, django.ErrNotFound):
		case err != nil:
			return err
		case rec.Corrupt == nil:
			return nil
		default:
			unreadable = rec.Corrupt
		}
	}
	if unreadable == nil {
		return nil
	}
	return fmt.Errorf("cachestore: check: none of the newest sessions can be read: %w", unreadable)
}
