// Package memstore keeps sessions in the memory of one process: for the tests of a
// service, which need no database then. Django cannot see them.
//
//	sessions, err := django.New(settings, memstore.New())
package memstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/djsession/djsession/django"
)

// Engine is a django.Engine whose sessions last as long as it does. Whatever is opened
// on one Engine shares its sessions. Safe for concurrent use.
type Engine struct {
	mu   sync.Mutex
	rows map[string]row
}

type row struct {
	text    string // as Django would have it in session_data
	expires time.Time
}

// New returns an engine without sessions, as new(Engine) is.
func New() *Engine { return new(Engine) }

// Serves implements django.Engine: the sessions stand in for those of any engine.
func (e *Engine) Serves(string) bool { return true }

// Open implements django.Engine.
func (e *Engine) Open(site django.Site) (django.Store, error) { return &Store{e, site.Codec}, nil }

// Format implements fmt.Formatter: no sessions are printed.
func (e *Engine) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "memstore.Engine") }

// Store is the django.Store of an [Engine]. Safe for concurrent use.
type Store struct {
	engine *Engine
	codec  *django.Codec
}

var _ django.Store = (*Store)(nil)

// Capabilities implements django.Store.
func (s *Store) Capabilities() django.Capabilities {
	return django.Capabilities{AtomicMove: true, Format: s.codec.Format()}
}

// Load implements django.Store.
func (s *Store) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	if err := ctx.Err(); err != nil {
		return django.Record{}, err
	}
	r, ok := s.engine.get(key)
	if !ok || !r.expires.After(now) {
		return django.Record{}, django.ErrNotFound
	}
	return s.codec.Record(ctx, key, r.text)
}

// Create implements django.Store.
func (s *Store) Create(ctx context.Context, w django.Write) (django.Record, error) {
	text, err := s.codec.Encode(ctx, w.Data)
	if err := cmp.Or(err, ctx.Err()); err != nil {
		return django.Record{}, err
	}
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	if _, taken := s.engine.rows[w.Key]; taken {
		return django.Record{}, django.ErrExists
	}
	if s.engine.rows == nil {
		s.engine.rows = make(map[string]row)
	}
	s.engine.rows[w.Key] = row{text, w.Expires}
	return django.Record{Key: w.Key, Version: text}, nil
}

// Save implements django.Store.
func (s *Store) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	next := row{old.Version, w.Expires}
	if w.Data != nil {
		var err error
		if next.text, err = s.codec.Encode(ctx, w.Data); err != nil {
			return django.Record{}, err
		}
	}
	if err := ctx.Err(); err != nil {
		return django.Record{}, err
	}
	current, err := s.engine.swap(old.Key, old.Version, w.Key, next)
	if errors.Is(err, django.ErrConflict) {
		rec, readErr := s.codec.Record(ctx, old.Key, current.text)
		return rec, cmp.Or(readErr, err)
	}
	if err != nil {
		return django.Record{}, err
	}
	return django.Record{Key: w.Key, Version: next.text}, nil
}

// swap replaces the row under key by next, under newKey, if it still holds text. On a
// conflict it returns the row that is there.
func (e *Engine) swap(key, text, newKey string, next row) (row, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	current, ok := e.rows[key]
	_, taken := e.rows[newKey]
	switch {
	case !ok:
		return row{}, django.ErrNotFound
	case current.text != text:
		return current, django.ErrConflict
	case newKey != key && taken:
		return row{}, django.ErrExists
	}
	delete(e.rows, key)
	e.rows[newKey] = next
	return row{}, nil
}

// Delete implements django.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	delete(s.engine.rows, key)
	return nil
}

// ClearExpired implements django.Store.
func (s *Store) ClearExpired(ctx context.Context, now time.Time) (n int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	for key, r := range s.engine.rows {
		if r.expires.Before(now) {
			delete(s.engine.rows, key)
			n++
		}
	}
	return n, nil
}

func (e *Engine) get(key string) (row, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r, ok := e.rows[key]
	return r, ok
}
