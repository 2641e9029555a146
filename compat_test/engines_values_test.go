package compat

import (
	"slices"
	"testing"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/internal/testenv"
	"github.com/djsession/djsession/internal/testenv/typed"
)

// engineDjangoWrites: Go finds all keys in their order, and, where a value has a JSON form, its
// type and value.
func engineDjangoWrites(t *testing.T, c *engineCell) {
	for i, made := range askEngine[[]struct {
		SessionKey string         `json:"session_key"`
		Names      []string       `json:"names"`
		Values     fixtures.Value `json:"values"`
	}](t, c, "engine_create_random", testenv.Args{"seed": c.seed(), "count": c.random(), "kind": c.engine.kind}) {
		s := c.load(t, made.SessionKey)
		var names []string
		for name := range s.Keys() {
			names = append(names, typed.Escaped(t, name))
		}
		if !slices.Equal(names, made.Names) {
			t.Fatalf("session %d: Django wrote the keys %q, and Go read %q", i, made.Names, names)
		}
		if c.engine.kind == "json" || c.engine.kind == "small" {
			if got := goItems(t, s); !got.Equal(made.Values) {
				t.Fatalf("session %d: Django wrote\n%s\nand Go read\n%s", i, made.Values, got)
			}
		}
		c.keys, c.names = append(c.keys, made.SessionKey), append(c.names, made.Names)
	}
	if len(c.keys) != c.random() {
		t.Fatalf("Django made %d sessions", len(c.keys))
	}
}

func goItems(t *testing.T, s *django.Session) fixtures.Value {
	t.Helper()
	return typed.Items(t, s.Items())
}

// engineGoChangesOneKey: Django finds all other values identical in value, type, order, and in
// which of their parts are one object.
func engineGoChangesOneKey(t *testing.T, c *engineCell) {
	changed := make([]any, len(c.keys))
	for i, key := range c.keys {
		name := "set by Go"
		if names := c.names[i]; len(names) > 0 && i%2 == 0 { // an existing one
			name = typed.Unescaped(t, names[i%len(names)])
		}
		s := c.load(t, key)
		set(t, s, name, []any{i, float64(i), "é"})
		save(t, s)
		c.keys[i] = s.Key()
		changed[i] = []any{typed.Escaped(t, name), fixtures.Value{Kind: fixtures.List, Items: []fixtures.Value{
			fixtures.NewInt(int64(i)), {Kind: fixtures.Float, Text: typed.Repr(t, float64(i))}, fixtures.NewStr("é")}}}
	}
	identical := 0
	for i, difference := range askEngine[[]*string](t, c, "engine_differences", testenv.Args{"seed": c.seed(), "count": c.random(), "kind": c.engine.kind,
		"session_keys": c.keys, "changed": changed}) {
		if difference == nil {
			identical++
		} else {
			t.Errorf("session %d: %s", i, *difference)
		}
	}
	if identical != c.random() {
		t.Errorf("%d of %d sessions are identical", identical, c.random())
	}
	c.count += identical
}

// engineGoCreates: Django loads what Go stored from Go values of corresponding types.
func engineGoCreates(t *testing.T, c *engineCell) {
	kind := c.engine.kind
	if kind == "pickle" {
		kind = "json"
	}
	values := askEngine[[]fixtures.Value](t, c, "engine_random_values", testenv.Args{"seed": c.seed() + 1, "count": max(3, c.random()/5), "kind": kind})
	var keys []string
	for _, v := range values {
		s := c.sessions.NewSession()
		for _, p := range v.Pairs {
			set(t, s, typed.Unescaped(t, p.Key), typed.Native(t, p.Value))
		}
		save(t, s)
		keys = append(keys, s.Key())
	}
	for i, loaded := range askEngine[[]testenv.Loaded](t, c, "engine_load_many", testenv.Args{"session_keys": keys}) {
		if !loaded.Found || !loaded.Values.Equal(values[i]) {
			t.Fatalf("session %d: found %t; Django loads\n%s\nwant\n%s", i, loaded.Found, loaded.Values, values[i])
		}
	}
	c.count += len(keys)
}

// engineBothWrite: Go loads before Django's save and saves after it, and loses nothing of it; nor
// do two Go programs lose anything of each other's.
func engineBothWrite(t *testing.T, c *engineCell) {
	for i := range times(20, 3) {
		n := fixtures.NewInt(int64(i))
		key := c.create(t, simple)
		first, second := c.load(t, key), c.load(t, key)
		c.change(t, key, []any{"set", "Django's", n})
		set(t, first, "Go's", i)
		save(t, first)
		set(t, second, "Go's other", i)
		save(t, second)
		c.holds(t, key, simple.With("Django's", n).With("Go's", n).With("Go's other", n))
	}
}
