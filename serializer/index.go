package serializer

import (
	"hash/maphash"
	"math/bits"
)

// fewKeys is up to how many keys are found faster by looking at each.
const fewKeys = 16

// index is a hash table of the entries: 1 more than the place of each, or 0. It takes a
// tenth of what a map would. An entry that has become a
// hole keeps its slot until the next index is made.
type index []uint32

var indexSeed = maphash.MakeSeed()

// newIndex returns an index for n entries, with as much room again as a third.
func newIndex(n int) index { return make(index, max(2*fewKeys, n+n/3+1)) }

// holds reports whether there is room for n entries.
func (x index) holds(n int) bool { return n+n/3 < len(x) }

// start is the first slot to look for key in.
func (x index) start(key string) int {
	high, _ := bits.Mul64(maphash.String(indexSeed, key), uint64(len(x)))
	return int(high)
}

// next is the slot to look in after at.
func (x index) next(at int) int {
	if at++; at < len(x) {
		return at
	}
	return 0
}

// add notes that key, which is not there, is the entry at place i.
func (x index) add(key string, i int) {
	at := x.start(key)
	for x[at] != 0 {
		at = x.next(at)
	}
	x[at] = uint32(i + 1)
}
