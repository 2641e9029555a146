package compat

import (
	"errors"
	"maps"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
)

// fillCart: both sides put things into one cart at once, by update_atomically and Update, and change what
// is their own in the same session; nothing is lost.
func fillCart(t *testing.T, c *together, each int, async bool) {
	key := c.create(t, simple.With("Django's", fixtures.NewDict(fixtures.Pair{Key: "n", Value: fixtures.NewInt(0)})))
	filled := make(chan error, 1)
	go func() {
		filled <- c.worker.Call("fill_cart", testenv.Args{"settings": c.settings, "session_key": key, "times": each, "async": async}, nil)
	}()
	for i := range each {
		err := c.sessions.Update(t.Context(), key, func(s *django.Session) error {
			cart, err := django.Value(s, "cart", map[string]int{})
			if err != nil {
				return err
			}
			cart["Go"]++
			return s.Set("cart", cart)
		})
		if err != nil {
			t.Fatalf("Update: %v", err)
		}
		s := c.load(t, key)
		set(t, s, "Go's", i+1)
		save(t, s)
	}
	if err := <-filled; err != nil {
		t.Fatal(err)
	}
	s := c.load(t, key)
	cart, err := django.Value(s, "cart", map[string]int{})
	own, err2 := django.Value(s, "Django's", map[string]int{})
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	if want := map[string]int{"Go": each, "Django": each}; !maps.Equal(cart, want) {
		t.Errorf("the cart holds %v, want %v", cart, want)
	}
	if n := c.number(t, s, "Go's"); own["n"] != each || n != each {
		t.Errorf("Django's own number is %d and Go's %d, want %d", own["n"], n, each)
	}
	if got, _ := c.judge(t, key).Values.Get("cart"); len(got.Pairs) != 2 {
		t.Errorf("Django loads a cart of %s", got)
	}
}
