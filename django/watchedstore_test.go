package django_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/django"
)

// watchedStore counts the calls to a store and lets a test step in before them.
type watchedStore struct {
	django.Store

	mu     sync.Mutex
	calls  map[string]int
	before map[string]func() error
	after  map[string]func() error
	seen   []string // keys
}

// fail has every call of this name fail with err.
func (s *watchedStore) fail(name string, err error) {
	s.on(name, func() error { return err })
}

// on runs f before every call of this name; an error takes the call's place.
func (s *watchedStore) on(name string, f func() error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before[name] = f
}

// once runs f before the next call of this name.
func (s *watchedStore) once(name string, f func() error) {
	s.on(name, func() error {
		s.on(name, nil)
		return f()
	})
}

// lose has the next n calls of this name take effect and the answer get lost.
func (s *watchedStore) lose(name string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after[name] = func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if n--; n < 0 {
			return nil
		}
		return errLost
	}
}

// leave is what becomes of a call that has taken effect.
func (s *watchedStore) leave(name string, rec django.Record, err error) (django.Record, error) {
	s.mu.Lock()
	f := s.after[name]
	s.mu.Unlock()
	if f != nil {
		if lost := f(); lost != nil {
			return django.Record{}, lost
		}
	}
	return rec, err
}

func (s *watchedStore) enter(name string, keys ...string) error {
	s.mu.Lock()
	s.calls[name]++
	s.seen = append(s.seen, keys...)
	f := s.before[name]
	s.mu.Unlock()
	if f == nil {
		return nil
	}
	return f()
}

// count returns how often each method was called since the last count, as in
// "Load Save".
func (s *watchedStore) count() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []string
	for _, name := range []string{"Load", "Create", "Save", "Delete"} {
		calls = append(calls, slices.Repeat([]string{name}, s.calls[name])...)
	}
	clear(s.calls)
	return strings.Join(calls, " ")
}

func (s *watchedStore) secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

func (s *watchedStore) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	if err := s.enter("Load", key); err != nil {
		return django.Record{}, err
	}
	return s.Store.Load(ctx, key, now)
}

func (s *watchedStore) Create(ctx context.Context, w django.Write) (django.Record, error) {
	if err := s.enter("Create", w.Key); err != nil {
		return django.Record{}, err
	}
	rec, err := s.Store.Create(ctx, w)
	return s.leave("Create", rec, err)
}

func (s *watchedStore) Save(ctx context.Context, old django.Record, u django.Write) (django.Record, error) {
	if err := s.enter("Save", old.Key, u.Key); err != nil {
		return django.Record{}, err
	}
	rec, err := s.Store.Save(ctx, old, u)
	return s.leave("Save", rec, err)
}

func (s *watchedStore) Delete(ctx context.Context, key string) error {
	if err := s.enter("Delete", key); err != nil {
		return err
	}
	return s.Store.Delete(ctx, key)
}
