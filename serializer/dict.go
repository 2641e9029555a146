package serializer

import (
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"

	"github.com/djsession/djsession/internal/pyjson"
)

// Dict is a session's dict, in Python's order: a key keeps its place when it is
// set anew, and goes to the end when it was deleted before.
//
// The zero Dict is empty and ready to use, and a nil *Dict reads as empty. A Dict may be
// read by several goroutines, but not while one changes it.
type Dict struct {
	entries []entry
	holes   int            // how many entries were deleted and still have their place
	index   map[string]int // place of each key in entries; nil while there are few
	source  string         // the text that the Dict was loaded from; "" once it differs
	changes uint           // counted for loops that are running
}

// entry is a key with its value, or the hole that a deleted one left.
type entry struct {
	key     string
	quoted  string // how the key was spelled in the text; "" if Go set it
	value   Value
	deleted bool
}

// fewKeys is up to how many keys are found faster by looking at each.
const fewKeys = 16

func (d *Dict) find(key string) int {
	if d == nil {
		return -1
	}
	if d.index != nil {
		if i, ok := d.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range d.entries {
		if e := &d.entries[i]; e.key == key && !e.deleted {
			return i
		}
	}
	return -1
}

// Get returns the value of key, and whether there is one.
func (d *Dict) Get(key string) (Value, bool) {
	if i := d.find(key); i >= 0 {
		return d.entries[i].value, true
	}
	return Value{}, false
}

// Has says whether there is a value of key.
func (d *Dict) Has(key string) bool { return d.find(key) >= 0 }

// Len returns the number of keys.
func (d *Dict) Len() int {
	if d == nil {
		return 0
	}
	return len(d.entries) - d.holes
}

// Set sets the value of key, which must be UTF-8 or a key that came from a
// session; [Serializer] refuses to write others.
func (d *Dict) Set(key string, value Value) {
	if i := d.find(key); i >= 0 {
		if e := &d.entries[i]; !e.value.Equal(value) {
			e.value = value
			d.changed()
		}
		return
	}
	d.changed()
	d.add(entry{key: key, value: value})
}

func (d *Dict) changed() {
	d.changes++
	d.source = ""
}

// add puts a key that is not there at the end.
func (d *Dict) add(e entry) {
	if d.holes > 0 && len(d.entries) == cap(d.entries) {
		d.compact()
	}
	d.entries = append(d.entries, e)
	switch n := len(d.entries); {
	case d.index != nil:
		d.index[e.key] = n - 1
	case n > fewKeys:
		d.makeIndex()
	}
}

// compact closes the holes. Loops that are running keep the old entries.
func (d *Dict) compact() {
	live := make([]entry, 0, d.Len()+d.Len()/4+4)
	for _, e := range d.entries {
		if !e.deleted {
			live = append(live, e)
		}
	}
	d.entries, d.holes = live, 0
	if d.index != nil {
		d.makeIndex()
	}
}

func (d *Dict) makeIndex() {
	d.index = make(map[string]int, 2*len(d.entries))
	for i := range d.entries {
		if e := &d.entries[i]; !e.deleted {
			d.index[e.key] = i
		}
	}
}

// Delete removes key. It returns whether key was there.
func (d *Dict) Delete(key string) bool {
	i := d.find(key)
	if i < 0 {
		return false
	}
	d.changed()
	d.entries[i] = entry{deleted: true}
	d.holes++
	if d.index != nil {
		delete(d.index, key)
	}
	return true
}

// Clear removes all keys.
func (d *Dict) Clear() {
	if d.Len() > 0 {
		*d = Dict{changes: d.changes + 1}
	}
}

// All loops over the keys and their values in order. The Dict may be changed
// meanwhile: a key that is deleted before the loop comes to it is left out, one
// that is added is not seen.
func (d *Dict) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if d == nil {
			return
		}
		entries, changes := d.entries, d.changes
		for i := range entries {
			e := &entries[i]
			if e.deleted {
				continue
			}
			value := e.value
			if d.changes != changes { // then entries may be no longer d's
				var ok bool
				if value, ok = d.Get(e.key); !ok {
					continue
				}
			}
			if !yield(e.key, value) {
				return
			}
		}
	}
}

// Keys loops over the keys as [Dict.All] does.
func (d *Dict) Keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		for key := range d.All() {
			if !yield(key) {
				return
			}
		}
	}
}

// Values loops over the values as [Dict.All] does.
func (d *Dict) Values() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for _, value := range d.All() {
			if !yield(value) {
				return
			}
		}
	}
}

// Clone returns a copy that can be changed independently. The values, which
// never change, are shared.
func (d *Dict) Clone() *Dict {
	if d == nil {
		return &Dict{}
	}
	return &Dict{
		entries: slices.Clone(d.entries),
		holes:   d.holes,
		index:   maps.Clone(d.index),
		source:  d.source,
	}
}

// String tells the number of keys, and no key or value: a session's may be secrets.
func (d *Dict) String() string { return fmt.Sprintf("dict of %d keys", d.Len()) }

// LogValue does for slog what String does for fmt.
func (d *Dict) LogValue() slog.Value { return slog.StringValue(d.String()) }

// GoString is [Dict.String], for %#v.
func (d *Dict) GoString() string { return "serializer.Dict(" + d.String() + ")" }

// MarshalJSON lets a Dict stand within other values, its keys in order. A nil
// *Dict is null.
func (d *Dict) MarshalJSON() ([]byte, error) {
	if d == nil {
		return []byte(nullText), nil
	}
	text, err := JSON.Dumps(d)
	if err != nil {
		return nil, err
	}
	return pyjson.AppendForGo(make([]byte, 0, len(text)), string(text)), nil
}

// UnmarshalJSON replaces the content of d by the object in data, which is JSON in
// UTF-8. It serves [Value.Decode] to read an object within a session with its
// order and values kept.
func (d *Dict) UnmarshalJSON(data []byte) error {
	text, err := pyjson.Compact(data)
	if err != nil {
		return err
	}
	if string(text) == nullText {
		return nil
	}
	loaded, err := JSON.Loads(text)
	if err != nil {
		return err
	}
	changes := d.changes + 1
	*d = *loaded
	d.changes = changes
	return nil
}
