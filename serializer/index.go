package serializer

import (
	"hash/maphash"
	"math/bits"
)

// index is a hash table of entries: a slot holds 1 more than the place of one, or 0. It
// takes a tenth of a map's memory. A deleted entry keeps its slot until the next index
// is made.
type index []uint32

// fewKeys is up to how many keys are found faster by comparing each.
const fewKeys = 16

var indexSeed = maphash.MakeSeed()

// full reports whether there is no room for n entries.
func (x index) full(n int) bool { return n+n/3 >= len(x) }

// makeIndex makes an index with room for n entries.
func (c *contents) makeIndex(n int) {
	c.index = make(index, max(2*fewKeys, n+n/3+1))
	for i, e := range c.entries {
		if e.key.from != isDeleted {
			*c.slot(c.key(e)) = uint32(i + 1)
		}
	}
}

// slot returns the slot of the entry with this key, or a free one for it.
func (c *contents) slot(key string) *uint32 {
	high, _ := bits.Mul64(maphash.String(indexSeed, key), uint64(len(c.index)))
	for at := int(high); ; at++ {
		if at == len(c.index) {
			at = 0
		}
		if n := c.index[at]; n == 0 || c.is(c.entries[n-1], key) {
			return &c.index[at]
		}
	}
}
