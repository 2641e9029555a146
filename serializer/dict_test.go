package serializer

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// items gives a Dict's content in order.
func items(d *Dict) []string {
	var list []string
	for key, value := range d.All() {
		list = append(list, key+"="+string(value.Bytes()))
	}
	return list
}

func TestZeroDict(t *testing.T) {
	for name, d := range map[string]*Dict{"zero": {}, "nil": nil, "loaded": mustLoad(t, "{}")} {
		if _, ok := d.Get("a"); ok || d.Has("a") || d.Len() != 0 || items(d) != nil {
			t.Errorf("%s: not empty", name)
		}
		if d.Clone().Len() != 0 || d.Clone() == d {
			t.Errorf("%s: the clone is not empty", name)
		}
		text, err := JSON.Dumps(d)
		if err != nil || string(text) != "{}" {
			t.Errorf("%s: got %s, %v", name, text, err)
		}
	}
	var d Dict
	if d.Delete("a") {
		t.Error("deleted what was not there")
	}
	d.Set("a", Value{})
	if v, ok := d.Get("a"); !ok || !v.IsNull() {
		t.Errorf("got %v, %t", v, ok)
	}
}

func TestDictOrder(t *testing.T) {
	d := mustLoad(t, `{"a":1,"b":2,"c":3}`)
	d.Set("b", mustEncode(t, 20))
	d.Set("d", mustEncode(t, 4))
	if !d.Delete("a") || d.Delete("a") {
		t.Error("wrong answer from Delete")
	}
	d.Set("a", mustEncode(t, 10))
	want := []string{"b=20", "c=3", "d=4", "a=10"}
	if got := items(d); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := slices.Collect(d.Keys()); !slices.Equal(got, []string{"b", "c", "d", "a"}) {
		t.Errorf("got keys %v", got)
	}
	var values []string
	for v := range d.Values() {
		values = append(values, string(v.Bytes()))
	}
	if !slices.Equal(values, []string{"20", "3", "4", "10"}) {
		t.Errorf("got values %v", values)
	}
	d.Clear()
	if d.Len() != 0 || d.Has("b") {
		t.Error("not empty after Clear")
	}
	d.Set("z", Value{})
	if got := items(d); !slices.Equal(got, []string{"z=null"}) {
		t.Errorf("got %v", got)
	}
}

// TestDictLikeModel compares long random histories with a plain list, in sizes
// on both sides of where the index begins.
func TestDictLikeModel(t *testing.T) {
	for _, keys := range []int{3, fewKeys - 1, fewKeys, fewKeys + 1, 60} {
		t.Run(fmt.Sprint(keys), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(keys), 1))
			d := &Dict{}
			var model []string // "key=value", in order
			find := func(key string) int {
				return slices.IndexFunc(model, func(s string) bool { return strings.HasPrefix(s, key+"=") })
			}
			for step := range 5000 {
				key := fmt.Sprintf("k%d", r.IntN(keys))
				at := find(key)
				switch n := r.IntN(100); {
				case n < 50:
					d.Set(key, mustEncode(t, step))
					if item := fmt.Sprintf("%s=%d", key, step); at < 0 {
						model = append(model, item)
					} else {
						model[at] = item
					}
				case n < 90:
					if d.Delete(key) != (at >= 0) {
						t.Fatalf("step %d: wrong answer from Delete", step)
					}
					if at >= 0 {
						model = slices.Delete(model, at, at+1)
					}
				case n < 95:
					d = d.Clone()
				case n < 98:
					text, err := JSON.Dumps(d)
					if err != nil {
						t.Fatal(err)
					}
					d = mustLoad(t, string(text))
				case step%37 == 0:
					d.Clear()
					model = nil
				}
				if d.Len() != len(model) || d.Has(key) != (find(key) >= 0) {
					t.Fatalf("step %d: %d keys, want %d", step, d.Len(), len(model))
				}
				if step%10 == 0 {
					if got := items(d); !slices.Equal(got, model) {
						t.Fatalf("step %d: got %v, want %v", step, got, model)
					}
				}
			}
		})
	}
}

func TestCloneIsIndependent(t *testing.T) {
	for _, size := range []int{3, 50} {
		d := &Dict{}
		for i := range size {
			d.Set(fmt.Sprintf("k%d", i), mustEncode(t, i))
		}
		before := items(d)
		c := d.Clone()
		c.Set("k0", mustEncode(t, "changed"))
		c.Delete("k1")
		c.Set("new", Value{})
		if got := items(d); !slices.Equal(got, before) {
			t.Errorf("changing a clone of %d keys changed the original: %v", size, got)
		}
		d.Delete("k2")
		if !c.Has("k2") || d.Has("new") || !d.Has("k1") || c.Has("k1") {
			t.Errorf("clone of %d keys: shared state", size)
		}
	}
}

// Setting and deleting for ever must not grow a Dict for ever.
func TestHolesAreClosed(t *testing.T) {
	for _, size := range []int{1, 30} {
		d := &Dict{}
		for i := range size {
			d.Set(fmt.Sprintf("k%d", i), Value{})
		}
		for range 10_000 {
			d.Delete("k0")
			d.Set("k0", Value{})
		}
		if got := cap((*d.c).entries); got > 4*size+16 {
			t.Errorf("%d keys take the room of %d", size, got)
		}
		if d.Len() != size {
			t.Errorf("%d keys became %d", size, d.Len())
		}
	}
}

func TestDictReadByGoroutines(t *testing.T) {
	d := &Dict{}
	for i := range 50 {
		d.Set(fmt.Sprintf("k%d", i), mustEncode(t, i))
	}
	done := make(chan bool)
	for range 8 {
		go func() {
			c := d.Clone()
			c.Set("k0", Value{})
			text, _ := JSON.Dumps(d)
			v, ok := d.Get("k7")
			done <- ok && len(items(d)) == 50 && len(text) > 50 && v.Kind() == Int
		}()
	}
	for range 8 {
		if !<-done {
			t.Error("wrong answers while several read")
		}
	}
}

func TestDictWithinValues(t *testing.T) {
	v := mustLoadValue(t, `{"z":1.0,"a":[ NaN ],"\u007a2":"\ud800"}`)
	var d Dict
	d.Set("old", Value{})
	if err := v.Decode(&d); err != nil {
		t.Fatal(err)
	}
	if got, want := items(&d), []string{"z=1.0", "a=[NaN]", `z2="\ud800"`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	d.Delete("a")
	for _, in := range []any{&d, d} {
		if got := mustEncode(t, in); string(got.Bytes()) != `{"z":1.0,"\u007a2":"\ud800"}` {
			t.Errorf("got %s", got.Bytes())
		}
	}
	if got := mustEncode(t, struct{ D *Dict }{}); string(got.Bytes()) != `{"D":null}` {
		t.Errorf("got %s", got.Bytes())
	}

	untouched := d.Clone()
	if err := mustEncode(t, nil).Decode(untouched); err != nil || untouched.Len() != 2 {
		t.Errorf("null changed a Dict: %v", err)
	}
	if err := mustEncode(t, []int{1}).Decode(&d); err == nil {
		t.Error("an array was read as a Dict")
	}
	if err := json.Unmarshal([]byte(`{"é": "ü"}`), &d); err != nil {
		t.Fatal(err)
	}
	if got := items(&d); !slices.Equal(got, []string{`é="\u00fc"`}) {
		t.Errorf("got %q", got)
	}
}

func mustLoadValue(t *testing.T, text string) Value {
	t.Helper()
	v, ok := mustLoad(t, `{"v":`+text+`}`).Get("v")
	if !ok {
		t.Fatal("no value")
	}
	return v
}
