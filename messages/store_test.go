package messages_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
)

// store counts the calls of a store, and can be made to fail.
type store struct {
	django.Store
	mu     sync.Mutex
	calls  []string
	fail   error
	before func(call string) // may be nil
}

func (s *store) enter(call string) error {
	s.mu.Lock()
	s.calls = append(s.calls, call)
	before, err := s.before, s.fail
	s.mu.Unlock()
	if before != nil {
		before(call)
	}
	return err
}

// count returns the calls since the last count, as in "Load Save".
func (s *store) count() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := strings.Join(s.calls, " ")
	s.calls = nil
	return calls
}

func (s *store) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	if err := s.enter("Load"); err != nil {
		return django.Record{}, err
	}
	return s.Store.Load(ctx, key, now)
}

func (s *store) Create(ctx context.Context, w django.Write) (django.Record, error) {
	if err := s.enter("Create"); err != nil {
		return django.Record{}, err
	}
	return s.Store.Create(ctx, w)
}

func (s *store) Save(ctx context.Context, old django.Record, w django.Write) (django.Record, error) {
	if err := s.enter("Save"); err != nil {
		return django.Record{}, err
	}
	return s.Store.Save(ctx, old, w)
}

func check[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
