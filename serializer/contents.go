package serializer

import (
	"errors"
	"math"
	"slices"
)

// contents is what a Dict holds. What was loaded stays in the text, in 16 bytes for
// each key: a large session may have very many.
type contents struct {
	text    string // that the Dict was loaded from
	intact  bool   // nothing has changed since
	odd     bool   // some keys in the text have escapes or are not ASCII
	holes   uint32 // how many entries are deleted
	entries []entry
	set     []member // what Go has set
	index   index    // of entries; nil while there are few
}

// entry is a key with its value. Each is a part of the text or, where from is isSet,
// of set[to]. The key of a deleted entry is from isDeleted.
type entry struct{ key, value span }

type span struct{ from, to uint32 }

const (
	isSet = math.MaxUint32 - iota
	isDeleted
	maxText = math.MaxUint32 - iota
)

var errTooLong = errors.New("a session's text must be shorter than 4 GiB")

// member is what Go has set: the value of a key and, if the text does not have it, the
// key.
type member struct {
	key   string
	value Value
}

// key returns the key of an entry that is not deleted.
func (c *contents) key(e entry) string {
	if e.key.from == isSet {
		return c.set[e.key.to].key
	}
	return unquote(c.text[e.key.from:e.key.to])
}

// value returns the value of an entry that is not deleted.
func (c *contents) value(e entry) Value {
	if e.value.from == isSet {
		return c.set[e.value.to].value
	}
	return newValue(c.text[e.value.from:e.value.to], FormatJSON)
}

func (c *contents) is(e entry, key string) bool {
	switch {
	case e.key.from == isDeleted:
		return false
	case e.key.from == isSet || c.odd:
		return c.key(e) == key
	}
	return c.text[e.key.from+1:e.key.to-1] == key
}

// find returns the place of key in entries, or -1.
func (c *contents) find(key string) int {
	if c.index != nil {
		return int(*c.slot(key)) - 1
	}
	for i, e := range c.entries {
		if c.is(e, key) {
			return i
		}
	}
	return -1
}

// add appends an entry with a key that is not there.
func (c *contents) add(e entry, key string) {
	c.entries = append(c.entries, e)
	switch n := len(c.entries); {
	case n <= fewKeys && c.index == nil:
	case c.index.full(n):
		c.makeIndex(2 * n)
	default:
		*c.slot(key) = uint32(n)
	}
}

// put keeps what Go has set, and returns its place.
func (c *contents) put(m member) span {
	if c.set == nil {
		c.set = make([]member, 0, 2) // most requests set no more than a key or two
	}
	c.set = append(c.set, m)
	return span{isSet, uint32(len(c.set) - 1)}
}

// closeHoles drops the entries that are deleted. Loops that are running keep the old
// slices.
func (c *contents) closeHoles() {
	old := *c
	c.entries, c.set, c.holes = make([]entry, 0, 2*(len(old.entries)-int(old.holes))+4), nil, 0
	for _, e := range old.entries {
		if e.key.from == isDeleted {
			continue
		}
		if e.value.from == isSet {
			e.value = c.put(old.set[e.value.to])
		}
		if e.key.from == isSet {
			e.key = e.value
		}
		c.entries = append(c.entries, e)
	}
	if c.index != nil {
		c.makeIndex(cap(c.entries))
	}
}

// clone returns a copy that shares the entries.
func (c *contents) clone() contents {
	copied := *c
	copied.set = slices.Clone(c.set)
	copied.index = slices.Clone(c.index)
	return copied
}
