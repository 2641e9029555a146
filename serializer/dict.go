package serializer

import (
	"fmt"
	"iter"
	"log/slog"
)

// Dict is a session's dict, in Python's order: a key keeps its place when it is
// set again, and goes to the end when it was deleted before.
//
// The zero Dict is empty and ready to use, and a nil *Dict reads as empty. A Dict may be
// read by several goroutines, but not while one changes it. A loaded Dict keeps its text
// in memory, and about 22 bytes more for each key.
type Dict struct {
	// fmt follows a pointer to a struct if the verb does not fit, but not two pointers.
	c **contents
}

// newDict returns a Dict of c, which may share its entries, with one allocation if they are few.
func newDict(c contents) *Dict {
	d := &struct {
		Dict
		contents
		at   *contents
		room [6]entry
	}{contents: c}
	d.entries = append(d.room[:0], c.entries...)
	d.at = &d.contents
	d.c = &d.at
	return &d.Dict
}

var empty contents // never changed

// read returns the contents for reading.
func (d *Dict) read() *contents {
	if d == nil || d.c == nil {
		return &empty
	}
	return *d.c
}

// Get returns the value of key, and whether there is one.
func (d *Dict) Get(key string) (Value, bool) {
	c := d.read()
	if i := c.find(key); i >= 0 {
		return c.value(c.entries[i]), true
	}
	return Value{}, false
}

// Has reports whether there is a value of key.
func (d *Dict) Has(key string) bool { return d.read().find(key) >= 0 }

// Len returns the number of keys.
func (d *Dict) Len() int {
	c := d.read()
	return len(c.entries) - int(c.holes)
}

// Set sets the value of key, which must be UTF-8 or a key that came from a
// session; [Serializer] refuses to write others.
func (d *Dict) Set(key string, value Value) {
	if d.c == nil {
		d.c = newDict(contents{}).c
	}
	c := *d.c
	i := c.find(key)
	if i < 0 {
		if c.holes > 0 && len(c.entries) == cap(c.entries) {
			c.closeHoles()
		}
		at := c.put(member{key, value})
		c.add(entry{at, at}, key)
		c.intact = false
		return
	}
	e := &c.entries[i]
	switch {
	case c.value(*e).Equal(value):
		return
	case e.value.from == isSet:
		c.set[e.value.to].value = value
	default:
		e.value = c.put(member{value: value})
	}
	c.intact = false
}

// Delete removes key. It reports whether key was there.
func (d *Dict) Delete(key string) bool {
	c := d.read()
	i := c.find(key)
	if i < 0 {
		return false
	}
	e := &c.entries[i]
	if e.value.from == isSet {
		c.set[e.value.to].value = Value{} // keep the key: a loop may still reach it
	}
	e.key.from = isDeleted
	c.holes++
	c.intact = false
	return true
}

// Clear removes all keys.
func (d *Dict) Clear() {
	if d != nil {
		d.c = nil
	}
}

// All loops over the keys and their values in order. The Dict may be changed
// meanwhile: a key that is deleted before the loop comes to it is left out, one
// that is added is not seen.
func (d *Dict) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		was := *d.read()
		for _, e := range was.entries {
			if e.key.from == isDeleted {
				continue
			}
			key := was.key(e)
			// The entry may be no longer d's.
			if value, ok := d.Get(key); ok && !yield(key, value) {
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
func (d *Dict) Clone() *Dict { return newDict(d.read().clone()) }

// String returns the number of keys, and no key or value, which may be secrets.
func (d *Dict) String() string { return fmt.Sprintf("dict of %d keys", d.Len()) }

// LogValue returns String, since slog would print what MarshalJSON returns.
func (d *Dict) LogValue() slog.Value { return slog.StringValue(d.String()) }

// MarshalJSON makes a Dict part of other values, its keys in order. A nil *Dict is
// null.
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
	if err != nil || string(text) == nullText {
		return err
	}
	loaded, err := JSON.Loads(text)
	if err == nil {
		d.c = loaded.c
	}
	return err
}
