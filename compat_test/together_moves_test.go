package compat

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// interruptions are the exceptions with which our engines say that a session has ended, or moved to
// another key, so that nothing was saved.
var interruptions = []string{"django.contrib.sessions.backends.base.UpdateError",
	"django.contrib.sessions.exceptions.SessionInterrupted", "django.core.exceptions.SuspiciousOperation"} // the latter before Django 3.2

// hold has Django load a session; the returned function has it go on, and returns the key that the
// session has then and what was raised.
func (c *together) hold(t *testing.T, key string) func(program ...any) (string, string) {
	t.Helper()
	held := askEngine[int](t, c.engineCell, "hold", testenv.Args{"session_key": key})
	return func(program ...any) (string, string) {
		t.Helper()
		r := askEngine[struct {
			SessionKey string `json:"session_key"`
			Raised     string `json:"raised"`
		}](t, c.engineCell, "go_on", testenv.Args{"held": held, "program": program})
		return r.SessionKey, r.Raised
	}
}

// moveByStep: what one side sets while the other moves the session to a new key is there afterwards, or
// the writer is told; a session that one side has ended is not brought back.
func moveByStep(t *testing.T, c *together) {
	one, two := fixtures.NewInt(1), fixtures.NewInt(2)
	setOne, cycle := []any{"set", "Django's", one}, []any{"cycle_key"}
	both := simple.With("Go's", two).With("Django's", one)
	goSets := func(t *testing.T, key string) {
		s := c.load(t, key)
		set(t, s, "Go's", 2)
		save(t, s)
	}
	interrupted := func(t *testing.T, err error) {
		if !errors.Is(err, django.ErrInterrupted) {
			t.Errorf("Go's save: %v, want ErrInterrupted", err)
		}
	}

	t.Run("Go sets, Django moves", func(t *testing.T) {
		key := c.newKey(t)
		goOn := c.hold(t, key)
		goSets(t, key)
		next, raised := goOn(cycle, setOne)
		if raised != "" || next == key {
			t.Fatalf("Django raised %q; another key: %t", raised, next != key)
		}
		c.missing(t, key)
		c.holds(t, next, both)
	})
	t.Run("Django moves, Go sets", func(t *testing.T) {
		key := c.newKey(t)
		s := c.load(t, key)
		next := c.change(t, key, cycle)
		set(t, s, "Go's", 2)
		interrupted(t, s.Save(t.Context()))
		c.missing(t, key)
		c.holds(t, next, simple)
	})
	t.Run("Django sets, Go moves", func(t *testing.T) {
		key := c.newKey(t)
		s := c.load(t, key)
		s.CycleKey()
		set(t, s, "Go's", 2)
		c.change(t, key, setOne)
		save(t, s)
		c.missing(t, key)
		want := simple.With("Django's", one).With("Go's", two)
		c.holds(t, s.Key(), want)
	})
	t.Run("Go moves, Django sets", func(t *testing.T) {
		key := c.newKey(t)
		goOn, s := c.hold(t, key), c.load(t, key)
		s.CycleKey()
		save(t, s)
		if _, raised := goOn(setOne); raised == "" {
			t.Error("Django was not told")
		}
		c.missing(t, key)
		c.holds(t, s.Key(), simple)
	})
	for name, program := range map[string][]any{"sets": {setOne}, "moves": {cycle}, "moves and sets": {cycle, setOne}} {
		t.Run("Go ends, Django "+name, func(t *testing.T) {
			key := c.newKey(t)
			goOn := c.hold(t, key)
			if err := c.sessions.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
			next, raised := goOn(program...)
			c.missing(t, key)
			if next != "" && next != key {
				c.missing(t, next)
			}
			if raised == "" {
				t.Error("Django was not told")
			}
		})
	}
	t.Run("Django ends, Go sets or moves", func(t *testing.T) {
		key := c.newKey(t)
		late, moving := c.load(t, key), c.load(t, key)
		c.change(t, key, []any{"flush"})
		set(t, late, "Go's", 2)
		interrupted(t, late.Save(t.Context()))
		moving.CycleKey()
		interrupted(t, moving.Save(t.Context()))
		c.missing(t, key)
	})
}

// wanderPatience is far longer than wander takes.
const wanderPatience = 2 * time.Minute

// wander: both sides set numbers in a session at once, and each sometimes moves it. Every number that
// was saved is in the session in the end.
func wander(t *testing.T, c *together, each int) {
	keyFile := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(keyFile, []byte(c.newKey(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	var byDjango struct {
		Saved       []string `json:"saved"`
		Interrupted int      `json:"interrupted"`
	}
	wandered := make(chan error, 1)
	go func() {
		wandered <- c.worker.Call("wander", testenv.Args{"settings": c.settings, "key_file": keyFile, "times": each, "interruptions": interruptions}, &byDjango)
	}()
	var saved []string
	attempts, late := 0, time.After(wanderPatience)
	for len(saved) < each {
		select {
		case <-late:
			t.Fatal("the session cannot be found any more")
		default:
		}
		attempts++
		if name := fmt.Sprint("Go ", attempts); c.wanderOnce(t, keyFile, name) {
			saved = append(saved, name)
		}
	}
	if err := <-wandered; err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the session had moved, or moved, in %d of Go's attempts to save %d times, and in %d of Django's", attempts-each, each, byDjango.Interrupted)
	s := c.load(t, string(key))
	for _, name := range append(saved, byDjango.Saved...) {
		if !s.Has(name) {
			t.Errorf("%q was saved and is lost", name)
		}
	}
	if loaded := c.judge(t, string(key)); !loaded.Found || len(loaded.Values.Pairs) != len(simple.Pairs)+len(saved)+len(byDjango.Saved) {
		t.Errorf("Django loads %d keys, want %d", len(loaded.Values.Pairs), len(simple.Pairs)+len(saved)+len(byDjango.Saved))
	}
}

// wanderOnce sets a number in the session whose key is in the file, and sometimes moves it. It reports
// whether that was saved.
func (c *together) wanderOnce(t *testing.T, keyFile, name string) bool {
	t.Helper()
	key, err := os.ReadFile(keyFile)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.sessions.Load(t.Context(), string(key))
	if errors.Is(err, django.ErrNotFound) { // it has moved since
		time.Sleep(time.Millisecond)
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	if rand.N(10) < 3 {
		s.CycleKey()
	}
	set(t, s, name, 1)
	err = s.Save(t.Context())
	if errors.Is(err, django.ErrInterrupted) {
		return false
	}
	if err == nil && s.Key() != string(key) {
		next := keyFile + ".of Go"
		err = errors.Join(os.WriteFile(next, []byte(s.Key()), 0o600), os.Rename(next, keyFile))
	}
	if err != nil {
		t.Fatal(err)
	}
	return true
}

// endUnderLoad: Go ends a session that Django saves all the time.
func endUnderLoad(t *testing.T, c *together, rounds int) {
	for range rounds {
		key := c.newKey(t)
		over := make(chan error, 1)
		go func() {
			over <- c.worker.Call("save_until_gone", testenv.Args{"settings": c.settings, "session_key": key, "interruptions": interruptions}, nil)
		}()
		for !c.load(t, key).Has("n") { // until Django has begun
			select {
			case err := <-over:
				t.Fatalf("Django ended before it had begun: %v", err)
			case <-time.After(time.Millisecond):
			}
		}
		if err := c.sessions.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if err := <-over; err != nil {
			t.Fatal(err)
		}
		c.missing(t, key)
	}
}
