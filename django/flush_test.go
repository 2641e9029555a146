package django_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestFlush(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	s := st.load(validKey)
	s.CycleKey()
	must(t, s.Flush(t.Context()))
	check(t, "the number of sessions", len(st.keys()), 0)
	check(t, "IsEmpty", s.IsEmpty(), true)
	check(t, "Modified", s.Modified(), true)
	check(t, "the key", s.Key(), "")
	check(t, "calls", st.store.count(), "Load Delete")

	must(t, s.Set("b", 2))
	must(t, s.Save(t.Context()))
	if s.Key() == "" || s.Key() == validKey {
		t.Error("the key was kept")
	}
	check(t, "what is stored", st.data(s.Key()), `{"b":2}`)

	empty := st.NewSession()
	must(t, empty.Flush(t.Context()))
	check(t, "calls", st.store.count(), "Create")
}

// A flush that fails leaves the session as it was, and logged in.
func TestFlushFails(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	s := st.load(validKey)
	st.store.fail("Delete", errDown)
	if err := s.Flush(t.Context()); !errors.Is(err, errDown) {
		t.Error(err)
	}
	check(t, "the session", jsonOf(t, s), `{"a":1}`)
	check(t, "the key", s.Key(), validKey)
	must(t, s.Set("b", 2))
	if err := s.Save(t.Context()); !errors.Is(err, errDown) {
		t.Error(err)
	}
	check(t, "what is stored", st.data(validKey), `{"a":1}`)
	st.store.on("Delete", nil)
	must(t, s.Flush(t.Context()))
	must(t, s.Save(t.Context()))
}

// The request whose flush failed ends in an error, even if the handler took no
// notice; one that flushed at the second try does not.
func TestFlushFailsInARequest(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	st.store.fail("Delete", errDown)
	for _, status := range []int{200, 302, 500} {
		w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
			_ = st.get(r).Flush(r.Context())
			w.Header().Set("Location", "/goodbye")
			w.WriteHeader(status)
		})
		check(t, "the status", w.Code, http.StatusServiceUnavailable)
		if w.Header().Get("Location") != "" || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("the headers are %v", w.Header())
		}
		check(t, "what is stored", st.data(validKey), `{"a":1}`)
	}
	w := st.serve(validKey, func(_ http.ResponseWriter, r *http.Request) {
		s := st.get(r)
		_ = s.Flush(r.Context())
		st.store.on("Delete", nil)
		must(t, s.Flush(r.Context()))
	})
	check(t, "the status", w.Code, http.StatusOK)
	if !strings.HasPrefix(w.Header().Get("Set-Cookie"), `sessionid="";`) {
		t.Error("the cookie was kept")
	}
}

// Cycling is one step, and nothing at all before the save.
func TestCycleKey(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	s := st.load(validKey)
	s.CycleKey()
	check(t, "the key before the save", s.Key(), validKey)
	check(t, "what is stored then", st.data(validKey), `{"a":1}`)
	text := st.text(validKey)
	must(t, s.Save(t.Context()))
	check(t, "calls", st.store.count(), "Load Save")
	if keys := st.keys(); len(keys) != 1 || keys[0] != s.Key() || keys[0] == validKey {
		t.Errorf("the keys are %v", keys)
	}
	check(t, "the text", st.text(s.Key()), text)

	key := s.Key()
	must(t, s.Set("b", 1))
	must(t, s.Save(t.Context()))
	check(t, "the key after another save", s.Key(), key)

	fresh := st.NewSession()
	must(t, fresh.Set("a", 1))
	fresh.CycleKey()
	st.store.count()
	must(t, fresh.Save(t.Context()))
	check(t, "calls for a new session", st.store.count(), "Create")
}

// A Flush that cannot begin fails its request as one whose store fails: nobody is told
// that they are logged out who is not.
func TestFlushThatCannotBegin(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"a":1}`)
	w := st.serve(validKey, func(w http.ResponseWriter, r *http.Request) {
		in, goOn, done := make(chan struct{}), make(chan struct{}), make(chan error)
		s := st.get(r)
		st.store.once("Save", func() error { close(in); <-goOn; return nil })
		go func() { done <- s.Save(context.Background()) }()
		<-in
		ctx, cancel := context.WithTimeout(r.Context(), time.Millisecond)
		defer cancel()
		if err := s.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Flush: %v", err)
		}
		close(goOn)
		must(t, <-done)
	})
	check(t, "the status", w.Code, http.StatusServiceUnavailable)
	check(t, "sessions", len(st.keys()), 1)
}
