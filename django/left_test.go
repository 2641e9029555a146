package django_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/memstore"
)

// Abandon during a save leaves the browser's session abandoned, not the new one.
func TestAbandonDuringASaveTwice(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	w := st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) {
		s := st.get(r)
		s.Abandon()
		must(t, s.Set("b", 1))
		st.store.once("Create", func() error { s.Abandon(); return nil })
		must(t, s.Save(t.Context()))
		if s.Abandoned() != validKey {
			t.Errorf("abandoned is not the browser's session")
		}
	})
	if c := w.Result().Cookies(); len(c) > 0 {
		t.Errorf("the browser gets the cookie of an abandoned session: %d", len(c))
	}
}

// Flush ends what a move with an unknown outcome stored, also after Abandon.
func TestFlushAfterAnAbandonedMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := newSite(t, nil)
		st.put(validKey, `{"a":1}`)
		st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) {
			s := st.get(r)
			s.CycleKey()
			st.store.lose("Save", 1000)
			ctx, cancel := context.WithTimeout(r.Context(), 20*time.Millisecond)
			defer cancel()
			if err := s.Save(ctx); !errors.Is(err, django.ErrOutcomeUnknown) {
				t.Errorf("Save: %v", err)
			}
			st.store.lose("Save", 0)
			s.Abandon()
			must(t, s.Flush(r.Context()))
		})
		if n := len(st.keys()); n != 0 {
			t.Errorf("%d sessions left after Flush", n)
		}
	})
}

// A nested Update is found even if the outer one did not wait for its turn any longer.
func TestNestedUpdateOfOneThatDidNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ss, err := django.New(testSettings(), memstore.New())
		must(t, err)
		s := ss.NewSession()
		must(t, s.Set("n", 0))
		must(t, s.Save(t.Context()))
		held, release := make(chan bool), make(chan bool)
		go func() {
			_ = ss.Update(context.Background(), s.Key(), func(*django.Session) error { close(held); <-release; return nil })
		}()
		<-held
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		calls := 0
		start := time.Now()
		err = ss.Update(ctx, s.Key(), func(u *django.Session) error {
			calls++
			if err := ss.Update(ctx, s.Key(), func(u *django.Session) error { return u.Set("n", calls) }); err != nil {
				return err
			}
			return u.Set("m", calls)
		})
		if !errors.Is(err, django.ErrProgram) {
			t.Errorf("%v after %v and %d calls", err, time.Since(start), calls)
		}
		close(release)
		synctest.Wait()
	})
}
