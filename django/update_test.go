package django_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
)

// increment is what Update is for.
func increment(s *django.Session) error {
	n, err := django.Value(s, "n", 0)
	if err != nil {
		return err
	}
	return s.Set("n", n+1)
}

// The clock stands, so that equal dicts are equal texts.
func TestUpdateRunsAgain(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"z":1.50,"n":0}`)
	st.meanwhile(validKey, func(s *django.Session) { must(t, increment(s)) })
	runs := 0
	must(t, st.Update(t.Context(), validKey, func(s *django.Session) error {
		runs++
		must(t, s.Set("run", runs))
		return increment(s)
	}))
	check(t, "runs", runs, 2)
	check(t, "what is stored", st.data(validKey), `{"z":1.50,"n":2,"run":2}`)
	check(t, "the calls", st.store.count(), "Load Save Save")
}

// Several processes count in one session.
func TestUpdateLosesNothing(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	processes := []*django.Sessions{st.Sessions, st.other(), st.other(), st.other()}
	const each = 30
	var wg sync.WaitGroup
	for _, ss := range processes {
		for range 4 {
			wg.Go(func() {
				for range each {
					if err := ss.Update(t.Context(), validKey, increment); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	check(t, "what is stored", st.data(validKey), fmt.Sprintf(`{"n":%d}`, 4*len(processes)*each))
}

func TestUpdateSavesNothing(t *testing.T) {
	errOwn := errors.New("out of stock")
	for name, c := range map[string]struct {
		key  string
		f    func(*django.Session) error
		want error
	}{
		"an error":   {validKey, func(s *django.Session) error { must(t, s.Set("n", 1)); return errOwn }, errOwn},
		"no change":  {validKey, func(s *django.Session) error { s.Len(); return nil }, nil},
		"not there":  {unknownKey, increment, django.ErrNotFound},
		"not a key":  {"x", increment, django.ErrNotFound},
		"not to set": {validKey, func(s *django.Session) error { return s.Set("n", func() {}) }, errAny},
		"Save":       {validKey, func(s *django.Session) error { return s.Save(t.Context()) }, errAny},
		"Flush":      {validKey, func(s *django.Session) error { return s.Flush(t.Context()) }, errAny},
	} {
		t.Run(name, func(t *testing.T) {
			st := newSite(t, nil)
			st.put(validKey, `{"n":0}`)
			text := st.text(validKey)
			err := st.Update(t.Context(), c.key, c.f)
			if !errors.Is(err, c.want) && (c.want != errAny || err == nil) {
				t.Errorf("Update: %v, want %v", err, c.want)
			}
			check(t, "the text", st.text(validKey), text)
			check(t, "how many sessions there are", len(st.keys()), 1)
			must(t, st.Update(t.Context(), validKey, increment))
			check(t, "what is stored", st.data(validKey), `{"n":1}`)
		})
	}
}

var errAny = errors.New("any error")

// A panic passes through; the session stays usable and nobody waits for ever.
func TestUpdatePanics(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	func() {
		defer func() { check(t, "what was panicked", recover(), any("boom")) }()
		_ = st.Update(t.Context(), validKey, func(s *django.Session) error {
			must(t, increment(s))
			panic("boom")
		})
	}()
	check(t, "what is stored", st.data(validKey), `{"n":0}`)
	must(t, st.Update(t.Context(), validKey, increment))
	check(t, "what is stored then", st.data(validKey), `{"n":1}`)
}

// Nobody knows the outcome: the function is not run again, and the error says so.
func TestUpdateInDoubt(t *testing.T) {
	for _, landed := range []bool{true, false} {
		st := newSite(t, nil)
		st.put(validKey, `{"n":0}`)
		want := `{"n":0}`
		if landed {
			want = `{"n":1}`
			st.store.lose("Save", 1)
		} else {
			st.store.once("Save", func() error { return errLost })
		}
		runs := 0
		err := st.Update(t.Context(), validKey, func(s *django.Session) error { runs++; return increment(s) })
		if !errors.Is(err, django.ErrOutcomeUnknown) {
			t.Errorf("Update: %v", err)
		}
		check(t, "runs", runs, 1)
		check(t, "what is stored", st.data(validKey), want)
		check(t, "the calls", st.store.count(), "Load Save")
	}
}

// A session that was deleted while the function ran stays deleted.
func TestUpdateInterrupted(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	err := st.Update(t.Context(), validKey, func(s *django.Session) error {
		must(t, st.other().Delete(t.Context(), validKey))
		return increment(s)
	})
	if !errors.Is(err, django.ErrInterrupted) {
		t.Errorf("Update: %v", err)
	}
	check(t, "how many sessions there are", len(st.keys()), 0)
}

// The context bounds waiting for one's turn, and running again.
func TestUpdateEndsWithTheContext(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	inside, leave := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		done <- st.Update(context.Background(), validKey, func(s *django.Session) error {
			close(inside)
			<-leave
			return increment(s)
		})
	}()
	<-inside
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := st.Update(ctx, validKey, increment)
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, django.ErrOutcomeUnknown) {
		t.Errorf("waiting: %v", err)
	}
	close(leave)
	must(t, <-done)

	other := st.other()
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	runs := 0
	err = st.Update(ctx, validKey, func(s *django.Session) error {
		if runs++; runs == 5 {
			cancel()
		}
		if err := other.Update(t.Context(), validKey, increment); err != nil {
			return err
		}
		return increment(s)
	})
	if !errors.Is(err, context.Canceled) || runs != 5 {
		t.Errorf("after %d runs: %v", runs, err)
	}
	check(t, "what is stored", st.data(validKey), `{"n":6}`)
}

// Nobody would learn the new key: that is refused, and a renewal is dropped.
func TestUpdateMakesNoNewKey(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(*django.Session) error
		refused bool
		stored  string
	}{
		"CycleKey":        {func(s *django.Session) error { s.CycleKey(); return nil }, true, `{"n":0}`},
		"Renew":           {func(s *django.Session) error { return s.Renew("n", 1) }, false, `{"n":0}`},
		"Renew and Set":   {func(s *django.Session) error { return errors.Join(s.Renew("n", 1), s.Set("a", 1)) }, false, `{"n":0,"a":1}`},
		"Abandon":         {func(s *django.Session) error { s.Abandon(); return nil }, false, `{"n":0}`},
		"Abandon and Set": {func(s *django.Session) error { s.Abandon(); return s.Set("a", 1) }, true, `{"n":0}`},
	} {
		st := newSite(t, nil)
		st.put(validKey, `{"n":0}`)
		err := st.Update(t.Context(), validKey, c.change)
		if refused := err != nil; refused != c.refused || refused && (!errors.Is(err, django.ErrProgram) || !strings.Contains(err.Error(), "UpdateRequest")) {
			t.Errorf("%s: %v", name, err)
		}
		check(t, "what is stored after "+name, st.data(validKey), c.stored)
		check(t, "sessions after "+name, len(st.keys()), 1)
	}
}

// A function that hangs does not keep other updates of its session from going on.
func TestUpdateThatHangs(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	inside, leave := make(chan struct{}), make(chan struct{})
	done := make(chan error)
	go func() {
		done <- st.Update(context.Background(), validKey, func(s *django.Session) error {
			if n, _ := django.Value(s, "n", 0); n == 0 {
				close(inside)
				<-leave
			}
			return increment(s)
		})
	}()
	<-inside
	must(t, st.Update(t.Context(), validKey, increment))
	close(leave)
	must(t, <-done)
	check(t, "what is stored", st.data(validKey), `{"n":2}`)
}

// Updates of different sessions do not wait for each other.
func TestUpdatesOfOtherSessionsGoOn(t *testing.T) {
	st := newSite(t, nil)
	st.put(validKey, `{"n":0}`)
	st.put(unknownKey, `{"n":0}`)
	must(t, st.Update(t.Context(), validKey, func(s *django.Session) error {
		return errors.Join(increment(s), st.Update(t.Context(), unknownKey, increment))
	}))
	check(t, "the one", st.data(validKey), `{"n":1}`)
	check(t, "the other", st.data(unknownKey), `{"n":1}`)
}
