package django_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/djsession/djsession/django"
)

// A save that failed does not make the next one optional.
func TestInterruptedAfterAFailedSave(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	s := st.load(validKey)
	st.store.once("Save", func() error { return errors.New("down") })
	if s.Save(t.Context()) == nil {
		t.Fatal("no failure")
	}
	must(t, st.Delete(t.Context(), validKey))
	if err := s.Save(t.Context()); !errors.Is(err, django.ErrInterrupted) {
		t.Errorf("Save of a deleted session: %v, want ErrInterrupted", err)
	}
}

// Nor does an update that failed.
func TestInterruptedAfterAFailedUpdate(t *testing.T) {
	for _, failing := range []bool{false, true} {
		st := newSite(t, func(s *django.Settings) { s.SessionSaveEveryRequest = true })
		st.put(validKey, `{"a":1}`)
		w := st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) {
			st.get(r)
			if failing {
				_ = st.UpdateRequest(r, func(*django.Session) error { return errors.New("the cart is full") })
			}
			must(t, st.Delete(t.Context(), validKey))
		})
		if w.Code != 400 {
			t.Errorf("failing %v: status %d, want 400", failing, w.Code)
		}
	}
}

// A session whose request ended cannot be saved, even if its changes are older.
func TestSaveAfterTheEnd(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	var s *django.Session
	func() {
		defer func() { _ = recover() }()
		st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) {
			s = st.get(r)
			must(t, s.Set("b", 1))
			s.CycleKey()
			panic(http.ErrAbortHandler)
		})
	}()
	if err := s.Save(t.Context()); !errors.Is(err, django.ErrSessionOver) {
		t.Errorf("Save after the request: %v, want ErrSessionOver", err)
	}
	if st.data(validKey) != `{"a":1}` {
		t.Errorf("the browser's session is gone")
	}
	if err := s.Flush(t.Context()); !errors.Is(err, django.ErrSessionOver) {
		t.Errorf("Flush after the request: %v, want ErrSessionOver", err)
	}
}

// A commit that could not get the slot must seal the session: no browser learns a key that
// is made after it.
func TestTimedOutCommitSeals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &pausingStore{save: time.Second}
		ss := newSlowSessions(t, store, django.WithTimeout(200*time.Millisecond))
		var s *django.Session
		var wg sync.WaitGroup
		hold := make(chan error, 1)
		w := serve(ss, validKey, func(w http.ResponseWriter, r *http.Request) {
			s, _ = ss.Get(r)
			must(t, s.Set("b", 1))
			wg.Go(func() { hold <- s.Save(context.Background()) })
			synctest.Wait()
			s.CycleKey()
			wg.Go(func() {
				err := s.Save(context.Background())
				if !errors.Is(err, django.ErrHeadersSent) && !errors.Is(err, django.ErrSessionOver) {
					t.Errorf("a Save that moves the session after the response: %v", err)
				}
			})
			synctest.Wait()
		})
		wg.Wait()
		if w.Code != 503 || s.Key() != validKey || !s.Sealed() {
			t.Errorf("status %d, cookies %v, the session is still under the browser's key: %v, sealed %v", w.Code, len(w.Result().Cookies()), s.Key() == validKey, s.Sealed())
		}
	})
}
