package serializer

import (
	"fmt"
	"iter"
	"log/slog"
	"slices"
)

// Dict is a session's dict, in Python's order: a key keeps its place when it is
// set anew, and goes to the end when it was deleted before.
//
// A Dict that was loaded keeps its text and, for each key, 8 bytes that say where
// the key and its value stand in it, with 5 more to find a key among many: however
// many keys a text holds, it costs little more than three times its own length.
//
// The zero Dict is empty and ready to use, and a nil *Dict reads as empty. A Dict may be
// read by several goroutines, but not while one changes it.
type Dict struct {
	text    string // that the Dict was loaded from
	intact  bool   // nothing was changed since
	entries []entry
	apart   []apart  // of entries; never changed once loaded
	own     *members // what Go set
	holes   int      // how many entries were deleted and still have their place
	index   index    // of entries; nil while there are few
	changes uint     // counted for loops that are running
}

func (d *Dict) find(key string) int {
	if d == nil {
		return -1
	}
	if d.index != nil {
		for at := d.index.start(key); d.index[at] != 0; at = d.index.next(at) {
			if i := int(d.index[at] - 1); d.is(&d.entries[i], key) {
				return i
			}
		}
		return -1
	}
	for i := range d.entries {
		if d.is(&d.entries[i], key) {
			return i
		}
	}
	return -1
}

// Get returns the value of key, and whether there is one.
func (d *Dict) Get(key string) (Value, bool) {
	if i := d.find(key); i >= 0 {
		return d.value(&d.entries[i]), true
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
	i := d.find(key)
	if i < 0 {
		d.changed()
		d.add(d.ownEntry(member{key: key, value: value}), key)
		return
	}
	e := &d.entries[i]
	switch {
	case d.value(e).Equal(value):
		return
	case e.end == ownMember:
		d.own.list[e.at].value = value
	default:
		*e = d.ownEntry(member{key: d.key(e), quoted: d.quoted(e), value: value})
	}
	d.changed()
}

func (d *Dict) changed() {
	d.changes++
	d.intact = false
}

// add puts a key that is not there at the end.
func (d *Dict) add(e entry, key string) {
	if d.holes > 0 && len(d.entries) == cap(d.entries) {
		e = d.compact(e)
	}
	d.entries = append(d.entries, e)
	switch n := len(d.entries); {
	case n <= fewKeys && d.index == nil:
	case d.index.holds(n):
		d.index.add(key, n-1)
	default:
		d.makeIndex(2 * n)
	}
}

// compact closes the holes, and returns e as it is to be added then. Loops that
// are running keep the old entries.
func (d *Dict) compact(e entry) entry {
	old := *d
	d.own = nil
	d.entries = make([]entry, 0, d.Len()+d.Len()/4+4)
	d.holes = 0
	for i := range old.entries {
		if live := &old.entries[i]; live.end != hole {
			d.entries = append(d.entries, d.moved(&old, *live))
		}
	}
	if d.index != nil {
		d.makeIndex(cap(d.entries))
	}
	return d.moved(&old, e)
}

// moved returns e, which is old's, as an entry of d.
func (d *Dict) moved(old *Dict, e entry) entry {
	if e.end == ownMember {
		return d.ownEntry(old.own.list[e.at])
	}
	return e
}

// makeIndex makes an index that has room for n keys.
func (d *Dict) makeIndex(n int) {
	d.index = newIndex(n)
	for i := range d.entries {
		if e := &d.entries[i]; e.end != hole {
			d.index.add(d.key(e), i)
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
	if e := &d.entries[i]; e.end == ownMember {
		d.own.list[e.at].value = Value{} // the key may be of use to a loop yet
	}
	d.entries[i] = entry{end: hole}
	d.holes++
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
		was := *d
		for i := range was.entries {
			e := &was.entries[i]
			if e.end == hole {
				continue
			}
			key, value := was.key(e), was.value(e)
			if d.changes != was.changes { // then e may be no longer d's
				var ok bool
				if value, ok = d.Get(key); !ok {
					continue
				}
			}
			if !yield(key, value) {
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
		text:    d.text,
		intact:  d.intact,
		entries: slices.Clone(d.entries),
		apart:   d.apart,
		own:     d.own.clone(),
		holes:   d.holes,
		index:   slices.Clone(d.index),
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
	return appendForGo(make([]byte, 0, len(text)), string(text)), nil
}

// UnmarshalJSON replaces the content of d by the object in data, which is JSON in
// UTF-8. It serves [Value.Decode] to read an object within a session with its
// order and values kept.
func (d *Dict) UnmarshalJSON(data []byte) error {
	text, err := appendRaw(nil, string(data), readLimits)
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
