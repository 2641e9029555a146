package serializer

import "testing"

// FuzzRoundTrip loads a text, changes one key, and checks that the rest is as it was.
func FuzzRoundTrip(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte, key string) {
		d, err := JSON.Loads(text)
		if valid := valid(string(text)) == nil; valid != (err == nil || err == ErrNotObject) {
			t.Fatalf("valid is %t, but Loads says %v", valid, err)
		}
		if err != nil {
			return
		}
		if same, err := JSON.Dumps(d); err != nil || string(same) != string(text) {
			t.Fatalf("untouched, it became %q, %v", same, err)
		}
		if _, err := Encode(key); err != nil {
			return // not a key
		}
		before := d.Clone()
		value, err := Encode([]any{1.0, key})
		if err != nil {
			t.Fatal(err)
		}
		d.Set(key, value)
		again := reload(t, d)
		if again.Len() != d.Len() {
			t.Fatalf("%d keys became %d", d.Len(), again.Len())
		}
		for k, v := range before.All() {
			if got, ok := again.Get(k); !ok || !got.Equal(v) && k != key {
				t.Fatalf("key %q changed", k)
			}
		}
		if got, ok := again.Get(key); !ok || !got.Equal(value) {
			t.Fatal("the key that was set is another")
		}
		sameOrder(t, d, again)
		d.Delete(key)
		sameOrder(t, d, reload(t, d))
	})
}

func reload(t *testing.T, d *Dict) *Dict {
	t.Helper()
	text, err := JSON.Dumps(d)
	if err != nil {
		t.Fatal(err)
	}
	return mustLoad(t, string(text))
}

func sameOrder(t *testing.T, a, b *Dict) {
	t.Helper()
	var keys []string
	for key := range a.Keys() {
		keys = append(keys, key)
	}
	for key := range b.Keys() {
		if len(keys) == 0 || keys[0] != key {
			t.Fatalf("key %q is not where it was", key)
		}
		keys = keys[1:]
	}
	if len(keys) > 0 {
		t.Fatalf("%d keys are missing", len(keys))
	}
}
