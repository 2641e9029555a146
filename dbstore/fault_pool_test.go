package dbstore_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/djsession/djsession/django"
)

// TestPoolExhausted: who waits in vain for a connection is told in time, and that
// nothing was sent.
func TestPoolExhausted(t *testing.T) {
	onEach(t, func(t *testing.T, db *sqlx.DB) {
		ss, patient := quiet(t, db, django.WithTimeout(50*time.Millisecond)), quiet(t, db)
		s := having(t, patient, "n", 1)
		db.SetMaxOpenConns(1)
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		fails(t, ss, s.Key(), setting(t, ss, "lost", true))
		fails(t, ss, s.Key(), unheeding(ss))

		runs := 0
		waiting := map[string]func(ctx context.Context) error{
			"Update": func(ctx context.Context) error { return ss.Update(ctx, s.Key(), increment(&runs)) },
			"Load":   func(ctx context.Context) error { _, err := ss.Load(ctx, s.Key()); return err },
			"Save":   func(ctx context.Context) error { set(t, s, "b", 2); return s.Save(ctx) },
			"Cycle":  func(ctx context.Context) error { s.CycleKey(); return s.Save(ctx) },
			"Create": func(ctx context.Context) error { return ss.NewSession().Save(ctx) },
		}
		for name, do := range waiting {
			err := do(limited(t, 20*time.Millisecond))
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, django.ErrOutcomeUnknown) || errors.Is(err, django.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if runs != 0 {
			t.Errorf("the function ran %d times", runs)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
		works(t, patient, s.Key(), "n", "c", 3)
		save(t, s)
		holds(t, db, s.Key(), `{"n":1,"c":3,"b":2}`)
	})
}

// TestPoolExhaustedBetweenLoadAndSave: the function of an Update has run, but nothing of
// it has left for the database.
func TestPoolExhaustedBetweenLoadAndSave(t *testing.T) {
	onEach(t, func(t *testing.T, db *sqlx.DB) {
		ss := quiet(t, db)
		key := having(t, ss, "n", 1).Key()
		db.SetMaxOpenConns(1)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		runs := 0
		var conn *sql.Conn
		err := ss.Update(ctx, key, func(s *django.Session) (err error) {
			if conn, err = db.Conn(ctx); err != nil {
				return err
			}
			time.AfterFunc(20*time.Millisecond, cancel)
			return increment(&runs)(s)
		})
		_ = conn.Close()
		if !errors.Is(err, context.Canceled) || errors.Is(err, django.ErrOutcomeUnknown) || runs != 1 {
			t.Errorf("%d runs, Update: %v", runs, err)
		}
		holds(t, db, key, `{"n":1}`)
	})
}
