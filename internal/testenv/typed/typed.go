// Package typed compares values of Go's with values as Django tells them, type
// for type; it is for tests.
package typed

import (
	"iter"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/serializer"
)

// Of is a value as Go reads it, in the form in which Django tells its own:
// every leaf goes through the Go type that is meant for it.
func Of(t testing.TB, v serializer.Value) fixtures.Value {
	t.Helper()
	switch v.Kind() {
	case serializer.Null:
		return fixtures.Value{Kind: fixtures.None}
	case serializer.Bool:
		return fixtures.Value{Kind: fixtures.Bool, Text: strconv.FormatBool(read[bool](t, v))}
	case serializer.Int:
		return fixtures.Value{Kind: fixtures.Int, Text: read[*big.Int](t, v).String()}
	case serializer.Float:
		return fixtures.Value{Kind: fixtures.Float, Text: Repr(t, read[float64](t, v))}
	case serializer.String:
		return fixtures.Value{Kind: fixtures.Str, Text: Escaped(t, read[string](t, v))}
	case serializer.Array:
		list := fixtures.Value{Kind: fixtures.List}
		for _, item := range read[[]serializer.Value](t, v) {
			list.Items = append(list.Items, Of(t, item))
		}
		return list
	}
	d, err := serializer.JSON.Loads(v.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return Dict(t, d)
}

// Dict is Of for a whole dict.
func Dict(t testing.TB, d *serializer.Dict) fixtures.Value { t.Helper(); return Items(t, d.All()) }

// Items is Of for keys and values, such as those of a session.
func Items(t testing.TB, items iter.Seq2[string, serializer.Value]) fixtures.Value {
	t.Helper()
	dict := fixtures.Value{Kind: fixtures.Dict}
	for k, v := range items {
		dict.Pairs = append(dict.Pairs, fixtures.Pair{Key: Escaped(t, k), Value: Of(t, v)})
	}
	return dict
}

func read[T any](t testing.TB, v serializer.Value) (into T) {
	t.Helper()
	if err := v.Decode(&into); err != nil {
		t.Fatal(err)
	}
	return into
}

// encoded is a Go value as Go would store it.
func encoded(t testing.TB, v any) string {
	t.Helper()
	val, err := serializer.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(val.Bytes())
}

// Escaped is a Go string as fixtures.Value has it.
func Escaped(t testing.TB, s string) string {
	t.Helper()
	text := encoded(t, s)
	return text[1 : len(text)-1]
}

// Unescaped is the reverse of Escaped.
func Unescaped(t testing.TB, text string) string {
	t.Helper()
	d, err := serializer.JSON.Loads([]byte(`{"x":"` + text + `"}`))
	if err != nil {
		t.Fatal(err)
	}
	v, _ := d.Get("x")
	return read[string](t, v)
}

// Repr is Python's repr of a float, which JSON spells like this but for three.
func Repr(t testing.TB, f float64) string {
	t.Helper()
	return strings.NewReplacer("NaN", "nan", "Infinity", "inf").Replace(encoded(t, f))
}

// Native is a Go value to be stored, for a value of Django's.
func Native(t testing.TB, v fixtures.Value) any {
	t.Helper()
	switch v.Kind {
	case fixtures.None:
		return nil
	case fixtures.Bool:
		return v.Text == "true"
	case fixtures.Int:
		n, ok := new(big.Int).SetString(v.Text, 10)
		if !ok {
			t.Fatalf("not an integer: %s", v.Text)
		}
		if n.IsInt64() {
			return n.Int64()
		}
		return n
	case fixtures.Float:
		f, err := strconv.ParseFloat(v.Text, 64)
		if err != nil && !math.IsInf(f, 0) {
			t.Fatal(err)
		}
		return f
	case fixtures.Str:
		return Unescaped(t, v.Text)
	case fixtures.List:
		list := make([]any, len(v.Items))
		for i, item := range v.Items {
			list[i] = Native(t, item)
		}
		return list
	case fixtures.Dict:
		d := new(serializer.Dict) // keeps the order, as a Go map does not
		for _, p := range v.Pairs {
			item, err := serializer.Encode(Native(t, p.Value))
			if err != nil {
				t.Fatal(err)
			}
			d.Set(Unescaped(t, p.Key), item)
		}
		return d
	}
	t.Fatalf("a %s cannot be in a session", v.Kind)
	return nil
}
