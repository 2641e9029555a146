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
	"log/slog"
	"sync"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
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

// Open implements django.Engine.
func (e *Engine) Open(codec *django.Codec) (django.Store, error) { return &Store{e, codec}, nil }

// LogValue implements slog.LogValuer: what it is, and nothing of what it holds.
func (e *Engine) LogValue() slog.Value { return slog.StringValue("memstore.Engine") }

// Format implements fmt.Formatter: what LogValue tells.
func (e *Engine) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, e.LogValue().String()) }

// Store is the django.Store of an [Engine]. Safe for concurrent use.
type Store struct {
	engine *Engine
	codec  *django.Codec
}

var _ django.Store = (*Store)(nil)

// LogValue implements slog.LogValuer: what it is, and nothing of what it holds.
func (s *Store) LogValue() slog.Value { return slog.StringValue("memstore.Store") }

// Format implements fmt.Formatter: what LogValue tells.
func (s *Store) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.LogValue().String()) }

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
func (s *Store) Create(ctx context.Context, key string, data *serializer.Dict, expires time.Time) (django.Record, error) {
	text, err := s.codec.Encode(ctx, data)
	if err := cmp.Or(err, ctx.Err()); err != nil {
		return django.Record{}, err
	}
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	if _, taken := s.engine.rows[key]; taken {
		return django.Record{}, django.ErrExists
	}
	if s.engine.rows == nil {
		s.engine.rows = make(map[string]row)
	}
	s.engine.rows[key] = row{text, expires}
	return django.Record{Key: key, Version: text}, nil
}

// Save implements django.Store.
func (s *Store) Save(ctx context.Context, old django.Record, u django.Update) (django.Record, error) {
	text, ok := old.Version.(string)
	if !ok {
		return django.Record{}, errors.New("memstore: save: the record is not one of this store")
	}
	next := row{text, u.Expires}
	if u.Data != nil {
		var err error
		if next.text, err = s.codec.Encode(ctx, u.Data); err != nil {
			return django.Record{}, err
		}
	}
	if err := ctx.Err(); err != nil {
		return django.Record{}, err
	}
	current, err := s.engine.swap(old.Key, text, u.Key, next)
	if errors.Is(err, django.ErrConflict) {
		rec, readErr := s.codec.Record(ctx, old.Key, current.text)
		return rec, cmp.Or(readErr, err)
	}
	if err != nil {
		return django.Record{}, err
	}
	return django.Record{Key: u.Key, Version: next.text}, nil
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
