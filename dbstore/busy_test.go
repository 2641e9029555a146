package dbstore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/testenv"
)

// TestSQLiteBusy: another program writes; that is waited for.
func TestSQLiteBusy(t *testing.T) {
	d := withTable(t, testenv.SQLiteVendor)
	ss := newSessions(t, connect(t, d))
	s := saved(t, ss)

	t.Run("waits", func(t *testing.T) {
		unlock := d.Lock(t)
		time.AfterFunc(200*time.Millisecond, unlock)
		set(t, s, "b", 2)
		save(t, s)
		if got := keys(load(t, ss, s.Key())); got != "a b" {
			t.Errorf("keys are %q", got)
		}
	})
	t.Run("ends with the context", func(t *testing.T) {
		defer d.Lock(t)()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		set(t, s, "c", 3)
		if err := s.Save(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Save: %v", err)
		}
	})
	t.Run("ends after the longest wait", func(t *testing.T) {
		defer d.Lock(t)()
		impatient := newSessions(t, connect(t, d), dbstore.WithMaxWait(20*time.Millisecond))
		_, err := impatient.Load(t.Context(), s.Key())
		var e *dbstore.Error
		if !errors.As(err, &e) || e.Kind != dbstore.KindTransient || errors.Is(err, django.ErrNotFound) {
			t.Errorf("Load: %v", err)
		}
	})
	// What failed is still to be saved, and can be.
	save(t, s)
	if got := keys(load(t, ss, s.Key())); got != "a b c" {
		t.Errorf("keys are %q", got)
	}
}

// TestListBusy: a list waits for a writer, too.
func TestListBusy(t *testing.T) {
	d := withTable(t, testenv.SQLiteVendor)
	db := connect(t, d)
	ss := newSessions(t, db)
	saved(t, ss)
	time.AfterFunc(200*time.Millisecond, d.Lock(t))
	n := 0
	for _, err := range ss.Store().(*dbstore.Store).List(t.Context(), django.Filter{Now: time.Now()}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("%d sessions, want 1", n)
	}
}
