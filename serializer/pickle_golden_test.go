package serializer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/djsession/djsession/fixtures"
	"github.com/djsession/djsession/serializer"
)

// eachPickle calls f with every pickle in the fixtures.
func eachPickle(t *testing.T, f func(t *testing.T, p fixtures.Pickle)) {
	for _, version := range fixtures.Versions() {
		pickles, _, err := fixtures.Pickles(version)
		if err != nil || len(pickles) < 5 {
			t.Fatalf("%d pickles, %v", len(pickles), err)
		}
		for _, p := range pickles {
			t.Run(fmt.Sprintf("%s/%d", version, p.Protocol), func(t *testing.T) { f(t, p) })
		}
	}
}

// compact returns JSON as Encode writes it.
func compact(t *testing.T, text string) string {
	t.Helper()
	v, err := serializer.Encode(json.RawMessage(text))
	if err != nil {
		t.Fatal(err)
	}
	return string(v.Bytes())
}

// TestPickleFixtures: what JSON holds becomes the text that Django would write, and the rest can be read or is left alone.
func TestPickleFixtures(t *testing.T) {
	eachPickle(t, func(t *testing.T, p fixtures.Pickle) {
		d, err := serializer.Pickle.Loads(p.Pickle)
		if err != nil {
			t.Fatal(err)
		}
		keys := slices.Collect(d.Keys())
		for i, want := range p.Values {
			if i >= len(keys) || keys[i] != want.Name {
				t.Fatalf("the keys are %q", keys)
			}
			v, _ := d.Get(want.Name)
			if want.JSON != (v.Format() == serializer.FormatJSON) {
				t.Errorf("%s is in %v", want.Name, v.Format())
			}
			if text := string(v.Bytes()); want.JSON && text != compact(t, want.Read) {
				t.Errorf("%s is %s, not %s", want.Name, text, want.Read)
			}
			var read any
			err := v.Decode(&read)
			if (err == nil) != want.Readable {
				t.Errorf("%s: %v", want.Name, err)
			}
			if err != nil {
				continue
			}
			got, err := serializer.Encode(read)
			if err != nil {
				t.Errorf("%s: %v", want.Name, err)
			}
			if !jsonEqual(got.Bytes(), []byte(compact(t, want.Read))) {
				t.Errorf("%s is read as %s, not %s", want.Name, got.Bytes(), want.Read)
			}
		}
	})
}

// jsonEqual compares two texts but for the order of keys.
func jsonEqual(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	read := func(text []byte) (out []byte) {
		v, err := serializer.Parse(text)
		var x any
		if err == nil && v.Decode(&x) == nil {
			v, _ = serializer.Encode(x)
		}
		return v.Bytes()
	}
	return bytes.Equal(read(a), read(b))
}

// TestPicklesAreStable: what is written is read again as the same values, and written as the same bytes.
func TestPicklesAreStable(t *testing.T) {
	eachPickle(t, func(t *testing.T, p fixtures.Pickle) {
		d, err := serializer.Pickle.Loads(p.Pickle)
		if err != nil {
			t.Fatal(err)
		}
		written, err := serializer.Pickle.Dumps(d)
		if err != nil {
			t.Fatal(err)
		}
		again, err := serializer.Pickle.Loads(written)
		if err != nil {
			t.Fatal(err)
		}
		for key, v := range d.All() {
			if w, _ := again.Get(key); !w.Equal(v) {
				t.Errorf("%s is %q, then %q", key, v.Bytes(), w.Bytes())
			}
		}
		if rewritten, err := serializer.Pickle.Dumps(again); err != nil || !bytes.Equal(rewritten, written) {
			t.Errorf("written again it is other bytes, %v", err)
		}
	})
}
