package cachestore

import (
	"errors"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/pyzlib"
	"github.com/djsession/djsession/serializer"
	"github.com/djsession/djsession/signing"
)

func pickled(t testing.TB, text string) Item {
	t.Helper()
	d, err := serializer.JSON.Loads([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	item, err := Pickle.Encode(t.Context(), d, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

// TestFlags: a pickle is read, compressed or not, and any other value is unreadable.
func TestFlags(t *testing.T) {
	plain := pickled(t, `{"a": "`+strings.Repeat("x", 1000)+`"}`)
	zipped := string(pyzlib.AppendDeflated(nil, []byte(plain.Value)))
	for name, c := range map[string]struct {
		item Item
		max  int
		want string // in the error
	}{
		"none":          {Item{plain.Value, 0}, 2000, ""},
		"pickle":        {Item{plain.Value, 1}, 2000, ""},
		"zlib":          {Item{zipped, 9}, 2000, ""},
		"too large":     {Item{zipped, 9}, 900, signing.ErrTooLarge.Error()},
		"no zlib":       {Item{plain.Value, 9}, 2000, "zlib"},
		"no pickle":     {Item{zipped, 1}, 2000, "pickle"},
		"text":          {Item{plain.Value, 16}, 2000, "mark a text"},
		"text in zlib":  {Item{zipped, 24}, 2000, "mark a text"},
		"integer":       {Item{"12", 2}, 2000, "mark an integer"},
		"long":          {Item{"12", 4}, 2000, "mark a long integer"},
		"zlib of bytes": {Item{zipped, 8}, 2000, "flags 8"},
		"unknown":       {Item{plain.Value, 1 << 20}, 2000, "flags 1048576"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Pickle.Decode(t.Context(), c.item, c.max)
			if c.want == "" && (err != nil || d.Len() != 1) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want an error with %q", err, c.want)
			}
		})
	}
}

// FuzzFlags: whatever a cache holds, reading it stays within the limit, and what is read can be
// written.
func FuzzFlags(f *testing.F) {
	plain := pickled(f, `{"a": [1, {"b": "c"}]}`)
	f.Add(plain.Value, uint32(1), 1000)
	f.Add(string(pyzlib.AppendDeflated(nil, []byte(plain.Value))), uint32(9), 1000)
	f.Add(string(pyzlib.AppendDeflated(nil, []byte(strings.Repeat("a", 1000)))), uint32(9), 10)
	f.Add("12", uint32(2), 1000)
	f.Fuzz(func(t *testing.T, value string, flags uint32, max int) {
		max &= 1<<16 - 1
		item, err := unflagged(t.Context(), Item{value, flags}, max)
		if err == nil && flags == 9 && len(item.Value) > max {
			t.Fatalf("%d bytes, of %d", len(item.Value), max)
		}
		d, err := Pickle.Decode(t.Context(), Item{value, flags}, max)
		if err != nil {
			return
		}
		written, err := Pickle.Encode(t.Context(), d, 1<<20)
		if err != nil && !errors.Is(err, signing.ErrTooLarge) || written.Flags != 1 {
			t.Fatalf("what was read cannot be written: %v, flags %d", err, written.Flags)
		}
	})
}
