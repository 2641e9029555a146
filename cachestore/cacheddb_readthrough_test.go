package cachestore_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/django"
)

// TestCachedDBReadThrough: a copy is read without a query, and decides nothing.
func TestCachedDBReadThrough(t *testing.T) {
	site := newCachedDB(t, cachestore.WithReadThrough())
	t.Run("changed", func(t *testing.T) {
		s := saved(t, site)
		site.copies(t, s.Key(), map[string]any{"a": 7, "old": true})
		s = fetch(t, site.Sessions, s.Key())
		if got := number(t, s, "a"); got != 7 {
			t.Errorf("a is %d, not that of the copy", got)
		}
		put(t, s, "b", 2)
		store(t, s)
		if s.Has("old") || number(t, s, "a") != 1 || number(t, s, "b") != 2 {
			t.Error("the change was not made to the row")
		}
		if site.hasCopy(t, s.Key()) {
			t.Error("the copy is still there")
		}
	})
	t.Run("moved", func(t *testing.T) {
		s := saved(t, site)
		old := s.Key()
		site.copies(t, old, map[string]any{"a": 7})
		s = fetch(t, site.Sessions, old)
		s.CycleKey()
		store(t, s)
		if s.Key() == old || number(t, fetch(t, site.Sessions, s.Key()), "a") != 1 {
			t.Error("the row was not moved")
		}
		if _, err := site.Load(t.Context(), old); !errors.Is(err, django.ErrNotFound) {
			t.Errorf("Load of the old key: %v", err)
		}
	})
	t.Run("touched", func(t *testing.T) {
		s := saved(t, site)
		site.copies(t, s.Key(), map[string]any{"a": 7})
		site.db.MustExec("UPDATE django_session SET expire_date = '2001-01-01 00:00:00' WHERE session_key = ?", s.Key())
		s = fetch(t, site.Sessions, s.Key())
		store(t, s)
		if site.hasCopy(t, s.Key()) || number(t, fetch(t, site.Sessions, s.Key()), "a") != 1 {
			t.Error("the row was not touched")
		}
	})
	t.Run("gone", func(t *testing.T) {
		s := saved(t, site)
		site.copies(t, s.Key(), map[string]any{"a": 7})
		site.db.MustExec("DELETE FROM django_session WHERE session_key = ?", s.Key())
		s = fetch(t, site.Sessions, s.Key())
		put(t, s, "b", 2)
		if err := s.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
			t.Errorf("Save: %v, want ErrInterrupted", err)
		}
		if _, err := site.Load(t.Context(), s.Key()); !errors.Is(err, django.ErrNotFound) {
			t.Errorf("Load: %v, want ErrNotFound", err)
		}
	})
	t.Run("unreadable", func(t *testing.T) {
		s := saved(t, site)
		if err := site.cache.Add(t.Context(), copyKey+s.Key(), cachestore.Item{Value: "rubbish"}, time.Hour); err != nil {
			t.Fatal(err)
		}
		site.log.Take()
		if got := number(t, fetch(t, site.Sessions, s.Key()), "a"); got != 1 {
			t.Errorf("a is %d, not that of the row", got)
		}
		text := site.log.Take()
		redacted(t, text, s.Key())
		if !strings.Contains(text, "WithEncoding") {
			t.Errorf("the log is %q", text)
		}
	})
	t.Run("counted", func(t *testing.T) {
		s := saved(t, site)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 5 {
					err := site.Update(t.Context(), s.Key(), func(s *django.Session) error {
						n, err := django.Value(s, "n", 0)
						return errors.Join(err, s.Set("n", n+1))
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if got := number(t, fetch(t, site.Sessions, s.Key()), "n"); got != 40 {
			t.Errorf("%d of 40 updates", got)
		}
	})
}
