package django

import (
	"cmp"
	"maps"
	"slices"

	"github.com/djsession/djsession/serializer"
)

// changes are what was done to a session since it was loaded, to be repeated on top of
// what another writer stored: one change for each key.
type changes struct {
	clear bool // start from an empty dict
	list  []change
	index map[string]int // of list by key, if there are many
	last  int            // the greatest change.order
}

// change deletes a key, sets it, or both, which moves the key to the dict's end.
type change struct {
	key         string
	value       serializer.Value
	order       int // in which the keys are set
	delete, set bool
}

func (c *changes) any() bool { return c.clear || len(c.list) > 0 }

func (c *changes) set(key string, v serializer.Value) {
	ch := c.of(key)
	if !ch.set {
		c.last++
		ch.order = c.last
	}
	ch.value, ch.set = v, true
}

func (c *changes) del(key string) {
	ch := c.of(key)
	*ch = change{key: key, delete: true}
}

// of returns the change of key, which it adds if there is none.
func (c *changes) of(key string) *change {
	const few = 16 // are found without an index
	i, ok := c.index[key]
	if len(c.list) <= few {
		i = slices.IndexFunc(c.list, func(ch change) bool { return ch.key == key })
		ok = i >= 0
	}
	if ok {
		return &c.list[i]
	}
	c.list = append(c.list, change{key: key})
	switch n := len(c.list); {
	case n == few+1:
		c.index = make(map[string]int, 2*n)
		for i, ch := range c.list {
			c.index[ch.key] = i
		}
	case n > few:
		c.index[key] = n - 1
	}
	return &c.list[len(c.list)-1]
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
	cloned := *c
	cloned.list, cloned.index = slices.Clone(c.list), maps.Clone(c.index)
	return cloned
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

// inOrder returns the changes in the order in which the keys have to be set.
func (c *changes) inOrder() []change {
	byOrder := func(a, b change) int { return cmp.Compare(a.order, b.order) }
	if slices.IsSortedFunc(c.list, byOrder) {
		return c.list
	}
	return slices.SortedFunc(slices.Values(c.list), byOrder)
}
