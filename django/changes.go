package django

import (
	"slices"

	"github.com/djsession/djsession/serializer"
)

// changes are what was done to a session since it was loaded, in the order in
// which it has to be done again on top of somebody else's data.
type changes struct {
	clear bool // start from an empty dict
	ops   []op
}

// op sets a key or, without a value, deletes it.
type op struct {
	key    string
	value  serializer.Value
	delete bool
}

func (c *changes) any() bool { return c.clear || len(c.ops) > 0 }

func (c *changes) set(key string, v serializer.Value) {
	if i := c.last(key); i >= 0 && !c.ops[i].delete {
		c.ops[i].value = v
		return
	}
	// A delete before it stays: it is what moves the key to the dict's end.
	c.ops = append(c.ops, op{key: key, value: v})
}

func (c *changes) del(key string) {
	i := c.last(key)
	if i >= 0 && c.ops[i].delete {
		return
	}
	if i >= 0 {
		c.ops = append(c.ops[:i], c.ops[i+1:]...)
		if c.last(key) >= 0 {
			return
		}
	}
	c.ops = append(c.ops, op{key: key, delete: true})
}

func (c *changes) clearAll() { *c = changes{clear: true, ops: c.ops[:0]} }

// then adds what was done later.
func (c *changes) then(later changes) {
	if later.clear {
		c.clearAll()
	}
	for _, o := range later.ops {
		if o.delete {
			c.del(o.key)
		} else {
			c.set(o.key, o.value)
		}
	}
}

func (c *changes) clone() changes { return changes{clear: c.clear, ops: slices.Clone(c.ops)} }

// last returns the index of the last op on key, -1 if there is none.
func (c *changes) last(key string) int {
	for i := len(c.ops) - 1; i >= 0; i-- {
		if c.ops[i].key == key {
			return i
		}
	}
	return -1
}

// apply does the changes to d.
func (c *changes) apply(d *serializer.Dict) {
	if c.clear {
		d.Clear()
	}
	for _, o := range c.ops {
		if o.delete {
			d.Delete(o.key)
		} else {
			d.Set(o.key, o.value)
		}
	}
}
