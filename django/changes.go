package django

import (
	"maps"
	"slices"

	"github.com/djsession/djsession/serializer"
)

// changes are what was done to a session since it was loaded, to be done again on top
// of what another writer stored: one change for each key, in the order in which the
// keys have to be set.
type changes struct {
	clear bool // start from an empty dict
	list  []change
	index map[string]int // of list, by key; nil while there are few
	holes int            // entries of list that another one has superseded
}

// change deletes a key, sets it, or does the one and then the other, which moves the
// key to the dict's end. The zero change does nothing.
type change struct {
	key         string
	value       serializer.Value
	delete, set bool
}

// fewChanges is up to how many changes are found without an index.
const fewChanges = 16

func (c *changes) any() bool { return c.clear || len(c.list) > c.holes }

func (c *changes) set(key string, v serializer.Value) {
	i := c.find(key)
	switch {
	case i < 0:
		c.add(change{key: key, value: v, set: true})
	case c.list[i].set:
		c.list[i].value = v
	default:
		c.remove(i)
		c.add(change{key: key, value: v, delete: true, set: true})
	}
}

func (c *changes) del(key string) {
	if i := c.find(key); i >= 0 {
		c.remove(i)
	}
	c.add(change{key: key, delete: true})
}

func (c *changes) clearAll() { *c = changes{clear: true} }

// then adds what was done later.
func (c *changes) then(later *changes) {
	if later.clear {
		c.clearAll()
	}
	for _, ch := range later.list {
		if ch.delete {
			c.del(ch.key)
		}
		if ch.set {
			c.set(ch.key, ch.value)
		}
	}
}

func (c *changes) clone() changes {
	return changes{clear: c.clear, list: slices.Clone(c.list), index: maps.Clone(c.index), holes: c.holes}
}

// find returns the index of the change of key, -1 if there is none.
func (c *changes) find(key string) int {
	if c.index != nil {
		if i, ok := c.index[key]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(c.list, func(ch change) bool { return ch.key == key && (ch.delete || ch.set) })
}

func (c *changes) add(ch change) {
	c.list = append(c.list, ch)
	switch n := len(c.list); {
	case c.index != nil:
		c.index[ch.key] = n - 1
	case n > fewChanges:
		c.reindex()
	}
}

func (c *changes) remove(i int) {
	delete(c.index, c.list[i].key)
	c.list[i] = change{}
	if c.holes++; c.holes > fewChanges && c.holes > len(c.list)/2 {
		c.list = slices.DeleteFunc(c.list, func(ch change) bool { return !ch.delete && !ch.set })
		c.holes = 0
		c.reindex()
	}
}

func (c *changes) reindex() {
	c.index = make(map[string]int, 2*len(c.list))
	for i, ch := range c.list {
		if ch.delete || ch.set {
			c.index[ch.key] = i
		}
	}
}

// apply does the changes to d.
func (c *changes) apply(d *serializer.Dict) {
	if c.clear {
		d.Clear()
	}
	for _, ch := range c.list {
		if ch.delete {
			d.Delete(ch.key)
		}
		if ch.set {
			d.Set(ch.key, ch.value)
		}
	}
}
