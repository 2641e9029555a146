package compat

import (
	"fmt"
	"testing"

	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/internal/testenv/typed"
)

// perCell is how many random sessions Django writes in each cell.
var perCell = times(500, 50)

// djangoWrites: Go reads all of Django's values with their types, in order.
func djangoWrites(t *testing.T, c *cell) {
	c.written = testenv.Ask[[]testenv.RandomSession](t, c.worker, "create_random", testenv.Args{"seed": c.seed(), "count": perCell})
	if len(c.written) != perCell {
		t.Fatalf("Django made %d sessions, want %d", len(c.written), perCell)
	}
	for i, w := range c.written {
		s := c.load(t, w.Row.SessionKey)
		if got := typed.Items(t, s.Items()); !got.Equal(w.Values) {
			t.Fatalf("session %d: Django wrote\n%s\nand Go read\n%s", i, w.Values, got)
		}
	}
	c.count += len(c.written)
}

// goChangesOneKey: Django finds all other keys identical in value, type and order.
func goChangesOneKey(t *testing.T, c *cell) {
	keys, want := make([]string, len(c.written)), make([]fixtures.Value, len(c.written))
	for i, w := range c.written {
		keys[i] = w.Row.SessionKey
		s := c.load(t, w.Row.SessionKey)
		name := "set by Go"
		if len(w.Values.Pairs) > 0 && i%2 == 0 { // an existing one
			name = typed.Unescaped(t, w.Values.Pairs[i%len(w.Values.Pairs)].Key)
		}
		set(t, s, name, []any{i, float64(i), "é"})
		save(t, s)
		want[i] = withKey(t, w.Values, name, fixtures.Value{Kind: fixtures.List, Items: []fixtures.Value{
			fixtures.NewInt(int64(i)), {Kind: fixtures.Float, Text: typed.Repr(t, float64(i))}, fixtures.NewStr("é")}})
	}
	c.agrees(t, keys, want)
}

// withKey is Value.With for a key that may hold lone surrogates.
func withKey(t *testing.T, dict fixtures.Value, key string, v fixtures.Value) fixtures.Value {
	t.Helper()
	changed := fixtures.Value{Kind: fixtures.Dict, Pairs: append([]fixtures.Pair(nil), dict.Pairs...)}
	text := typed.Escaped(t, key)
	for i := range changed.Pairs {
		if changed.Pairs[i].Key == text {
			changed.Pairs[i].Value = v
			return changed
		}
	}
	changed.Pairs = append(changed.Pairs, fixtures.Pair{Key: text, Value: v})
	return changed
}

// goCreates: Django loads what Go stored from Go values of corresponding types.
func goCreates(t *testing.T, c *cell) {
	values := testenv.Ask[[]fixtures.Value](t, c.worker, "random_values", testenv.Args{"seed": c.seed() + 1, "count": perCell / 5})
	keys := make([]string, len(values))
	for i, v := range values {
		s := c.sessions.NewSession()
		for _, p := range v.Pairs {
			set(t, s, typed.Unescaped(t, p.Key), typed.Native(t, p.Value))
		}
		save(t, s)
		keys[i] = s.Key()
	}
	c.agrees(t, keys, values)
}

// agrees has Django load sessions and compares.
func (c *cell) agrees(t *testing.T, keys []string, want []fixtures.Value) {
	t.Helper()
	for i, loaded := range testenv.Ask[[]testenv.Loaded](t, c.worker, "load_many", testenv.Args{"session_keys": keys}) {
		if !loaded.Found || loaded.Error != "" || !loaded.Values.Equal(want[i]) {
			t.Fatalf("session %d: found %t, error %q; Django loads\n%s\nwant\n%s", i, loaded.Found, loaded.Error, loaded.Values, want[i])
		}
	}
	c.count += len(keys)
}

// bothWrite: Go loads before Django's save and saves after it, and loses nothing of it.
func bothWrite(t *testing.T, c *cell) {
	n := times(50, 10)
	keys, want := make([]string, n), make([]fixtures.Value, n)
	for i := range keys {
		keys[i] = c.create(t).SessionKey
		s := c.load(t, keys[i])
		testenv.Tell(t, c.worker, "change", testenv.Args{"session_key": keys[i], "program": []any{
			[]any{"set", "Django's", fixtures.NewInt(int64(i))}}})
		set(t, s, "Go's", i)
		save(t, s)
		n := fixtures.NewInt(int64(i))
		want[i] = simple.With("Django's", n).With("Go's", n)
	}
	c.agrees(t, keys, want)
}

// simple is the session that create stores.
var simple = fixtures.NewDict(fixtures.Pair{Key: "a", Value: fixtures.NewInt(1)}, fixtures.Pair{Key: "b", Value: fixtures.NewStr("é")})

func (c *cell) create(t *testing.T, extra ...any) testenv.Row {
	t.Helper()
	args := testenv.Args{"values": simple}
	for i := 0; i+1 < len(extra); i += 2 {
		args[fmt.Sprint(extra[i])] = extra[i+1]
	}
	return testenv.Ask[testenv.Row](t, c.worker, "create", args)
}
