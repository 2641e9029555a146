package django

import (
	"cmp"
	"maps"
	"slices"

	"github.com/djsession/djsession/serializer"
)

// changes are what was done to a session since it was loaded, to be repeated on top of what
// another writer stored: at most one change for each key.
type changes struct {
	clear bool // start from an empty dict
	byKey map[string]change
	last  int // the greatest change.order
}

// change deletes a key, sets it, or both, which moves the key to the dict's end.
type change struct {
	key         string
	order       int
	value       serializer.Value
	delete, set bool
}

func (c *changes) any() bool { return c.clear || len(c.byKey) > 0 }

func (c *changes) set(key string, v serializer.Value) {
	ch := c.byKey[key]
	if !ch.set { // the key now stands after those set before
		c.last++
		ch.key, ch.order = key, c.last
	}
	ch.value, ch.set = v, true
	c.put(ch)
}

func (c *changes) del(key string) {
	c.last++
	c.put(change{key: key, order: c.last, delete: true})
}

func (c *changes) put(ch change) {
	if c.byKey == nil {
		c.byKey = make(map[string]change)
	}
	c.byKey[ch.key] = ch
}

func (c *changes) clearAll() { *c = changes{clear: true} }

// then adds what was done later.
func (c *changes) then(later *changes) {
	if later.clear {
		c.clearAll()
	}
	later.replay(c.del, c.set)
}

func (c *changes) clone() changes {
	return changes{clear: c.clear, byKey: maps.Clone(c.byKey), last: c.last}
}

// apply makes the changes to d.
func (c *changes) apply(d *serializer.Dict) {
	if c.clear {
		d.Clear()
	}
	c.replay(func(key string) { d.Delete(key) }, d.Set)
}

func (c *changes) replay(del func(key string), set func(key string, v serializer.Value)) {
	for _, ch := range c.inOrder() {
		if ch.delete {
			del(ch.key)
		}
		if ch.set {
			set(ch.key, ch.value)
		}
	}
}

// inOrder returns the changes in the order in which they were first made.
func (c *changes) inOrder() []change {
	return slices.SortedFunc(maps.Values(c.byKey), func(a, b change) int { return cmp.Compare(a.order, b.order) })
}
