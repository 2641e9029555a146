package serializer

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestManyKeys loads dicts of many keys, oddly spelled and repeated ones among them,
// changes them at random, and compares with a plain model.
func TestManyKeys(t *testing.T) {
	for _, n := range []int{0, 1, fewKeys, fewKeys + 1, 500, 3000} {
		r := rand.New(rand.NewPCG(uint64(n), 7))
		var keys []string
		values := map[string]string{}
		set := func(key, value string) {
			if _, ok := values[key]; !ok {
				keys = append(keys, key)
			}
			values[key] = value
		}
		var b strings.Builder
		for i := range n {
			key, value := fmt.Sprintf("key-%d", r.IntN(n)), fmt.Sprint(i)
			spelled := key
			switch r.IntN(4) {
			case 0:
				spelled = `\u006b` + key[1:]
			case 1:
				key, spelled = key+`"\é`, key+`\"\\\u00e9`
			}
			if i > 0 {
				b.WriteString([]string{",", " , "}[r.IntN(2)])
			}
			b.WriteString(`"` + spelled + `"` + []string{":", " :\t"}[r.IntN(2)] + value)
			set(key, value)
		}
		text := "{" + b.String() + "}"
		d, err := jsonSerializer{}.LoadsText(text)
		if err != nil {
			t.Fatal(err)
		}
		compare := func(when string, d *Dict) {
			t.Helper()
			if got := slices.Collect(d.Keys()); !slices.Equal(got, keys) || d.Len() != len(keys) {
				t.Fatalf("%d keys, %s: the keys differ", n, when)
			}
			for key, want := range values {
				if v, ok := d.Get(key); !ok || string(v.Bytes()) != want {
					t.Fatalf("%d keys, %s: %q is %q, %v; want %q", n, when, key, v.Bytes(), ok, want)
				}
			}
			for _, key := range []string{"", "key-", `key-1":`, `key-1":1`, "no key", `\u006b`} {
				if d.Has(key) != (values[key] != "") {
					t.Fatalf("%d keys, %s: has %q", n, when, key)
				}
			}
		}
		compare("loaded", d)
		if out, err := JSON.Dumps(d); err != nil || string(out) != text {
			t.Errorf("%d keys: an untouched dict is written in another way, %v", n, err)
		}
		was := d.Clone()
		wasKeys, wasValues := slices.Clone(keys), maps.Clone(values)
		for i := range 2*n + 20 {
			key := fmt.Sprintf("key-%d", r.IntN(n+10))
			switch r.IntN(3) {
			case 0:
				if d.Delete(key) != (values[key] != "") {
					t.Fatalf("%d keys: Delete of %q is wrong", n, key)
				}
				delete(values, key)
				keys = slices.DeleteFunc(keys, func(k string) bool { return k == key })
			default:
				v, err := Encode(-i)
				if err != nil {
					t.Fatal(err)
				}
				d.Set(key, v)
				set(key, fmt.Sprint(-i))
			}
		}
		compare("changed", d)
		out, err := JSON.Dumps(d)
		if err != nil {
			t.Fatal(err)
		}
		if d, err = JSON.Loads(out); err != nil {
			t.Fatal(err)
		}
		compare("written and loaded", d)
		keys, values = wasKeys, wasValues
		compare("as the clone", was)
	}
}

// TestMemoryOfManyKeys: what a Dict costs in addition to its text, and loading it.
func TestMemoryOfManyKeys(t *testing.T) {
	const n = 100_000
	var b strings.Builder
	b.WriteString("{")
	for i := range n {
		fmt.Fprintf(&b, `"%x":0,`, i)
	}
	text := b.String() + `"":0}`
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	d, err := jsonSerializer{}.LoadsText(text)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if err != nil || d.Len() != n+1 {
		t.Fatalf("%d keys, %v", d.Len(), err)
	}
	if cost := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / n; cost > 24 {
		t.Errorf("%d bytes per key, want 24 at most", cost)
	}
	if allocated := (after.TotalAlloc - before.TotalAlloc) / n; allocated > 40 {
		t.Errorf("%d bytes per key were allocated, want 40 at most", allocated)
	}
	runtime.KeepAlive(d)
}
