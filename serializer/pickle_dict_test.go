package serializer_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/djsession/djsession/serializer"
)

// TestPickledDictChanges: whatever is set, deleted and set again in a pickled session, also to values of other sessions,
// is there in this order when it is read again.
func TestPickledDictChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	value := func() serializer.Value {
		var v any = r.IntN(300)
		switch r.IntN(4) {
		case 0:
			v = serializer.AsTuple{r.IntN(9), []byte{1}, map[string]any{"k1": noon, "é": serializer.AsTuple{}}}
		case 1:
			v = map[string]any{fmt.Sprint("k", r.IntN(400)): noon.String(), "": nil}
		case 2:
			return python(t, "\x80\x04]\x94h\x00a.") // a list in itself
		}
		return pickle(t, v)
	}
	for range 30 {
		d, want := new(serializer.Dict), new(serializer.Dict)
		for n := range 200 {
			key := fmt.Sprint("k", r.IntN(1+n))
			if r.IntN(3) == 0 {
				d.Delete(key)
				want.Delete(key)
			} else {
				v := value()
				d.Set(key, v)
				want.Set(key, v)
			}
			if r.IntN(10) > 0 {
				continue
			}
			data, err := serializer.Pickle.Dumps(d)
			if err != nil {
				t.Fatal(err)
			}
			if d, err = serializer.Pickle.Loads(data); err != nil {
				t.Fatal(err)
			}
			if d.Len() != want.Len() {
				t.Fatalf("%d keys, not %d", d.Len(), want.Len())
			}
			for key, v := range want.All() {
				if got, _ := d.Get(key); !got.Equal(v) {
					t.Fatalf("%s is %q, not %q", key, got.Bytes(), v.Bytes())
				}
			}
			if fmt.Sprint(keysOf(d)) != fmt.Sprint(keysOf(want)) {
				t.Fatalf("the order is %v, not %v", keysOf(d), keysOf(want))
			}
		}
	}
}

func keysOf(d *serializer.Dict) (keys []string) {
	for key := range d.Keys() {
		keys = append(keys, key)
	}
	return keys
}
