package django_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/django"
)

// One request's session is used by fifty goroutines at once.
func TestConcurrentUseOfASession(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	const n = 50
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				s := st.get(r)
				key := fmt.Sprintf("key%d", i)
				if err := s.Set(key, i); err != nil {
					t.Error(err)
				}
				if v, err := django.Value(s, key, -1); v != i || err != nil {
					t.Errorf("%s is %d, %v", key, v, err)
				}
				for range s.Items() {
					s.Has("n")
				}
				if _, err := django.SetDefault(s, "default", i); err != nil {
					t.Error(err)
				}
				s.Set("tmp"+key, 1)
				s.Delete("tmp" + key)
				s.Len()
				s.Accessed()
				s.Modified()
				s.IsEmpty()
				s.Key()
				s.MarkModified()
				_, _ = s.ExpiryAge()
				_, _ = s.ExpiryDate()
				s.ExpireAtBrowserClose()
				if i%10 == 0 {
					s.CycleKey()
					if err := s.Save(r.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
	})
	check(t, "the status", w.Code, 200)
	check(t, "loads", strings.Count(st.store.count(), "Load"), 1)
	keys := st.keys()
	if len(keys) != 1 || keys[0] == validKey {
		t.Fatalf("%d sessions", len(keys))
	}
	check(t, "how many keys it has", st.load(keys[0]).Len(), n+2)
}

// A pop by many is one's.
func TestPopIsAtomic(t *testing.T) {
	s := fresh(t, `{"token":"x"}`)
	var wg sync.WaitGroup
	won := make(chan string, 100)
	for i := range 100 {
		wg.Go(func() {
			if i%2 == 0 {
				if v, _ := django.Pop(s, "token", ""); v != "" {
					won <- v
				}
			} else if s.Delete("token") {
				won <- "x"
			}
		})
	}
	wg.Wait()
	check(t, "winners", len(won), 1)
}

// Many requests on one session lose no change of each other's.
func TestConcurrentRequestsLoseNothing(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	var wg sync.WaitGroup
	const n = 20
	for i := range n {
		wg.Go(func() {
			w := st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) {
				if err := st.get(r).Set(fmt.Sprintf("key%d", i), i); err != nil {
					t.Error(err)
				}
			})
			check(t, "the status", w.Code, 200)
		})
	}
	wg.Wait()
	check(t, "how many keys it has", st.load(validKey).Len(), n+1)
}

// The first headers may leave while other goroutines still change the session.
func TestChangesWhileCommitting(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() { _ = st.get(r).Set(fmt.Sprintf("key%d", i), i) })
		}
		fmt.Fprint(w, "hello")
		wg.Wait()
	})
	check(t, "how many keys it has", st.load(validKey).Len(), 21)
}
