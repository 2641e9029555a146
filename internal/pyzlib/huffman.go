package pyzlib

import "math/bits"

const (
	fastBits = 10 // of the words that are looked up
	mostBits = 15 // of any word
	mostSyms = 288
)

// code is a Huffman code for reading. A word that is not longer than fastBits is looked up by the next bits of the stream;
// of the rarer ones each bit is followed.
type code struct {
	fast    [1 << fastBits]entry
	symbols [mostSyms]uint16     // in the order of their words
	counts  [mostBits + 1]uint16 // of the words, by length
	entries *[mostSyms]entry     // what a symbol means
}

// entry is what a word says: its base value in the high half, flags, and two numbers of bits: those of the word, and
// those of the word and the extra bits of the value after it. It is 0 if there is no such word.
type entry uint32

const (
	literal entry = 1 << 12 // the base value is a byte of data
	special entry = 1 << 13 // the end of the block, or a symbol that must not be used
	endMark       = special | 1<<16
)

func (e entry) base() int      { return int(e >> 16) }
func (e entry) wordBits() uint { return uint(e>>8) & 15 }
func (e entry) allBits() uint  { return uint(e) & 31 }

// value returns the value: its base and the extra bits after the word.
func (e entry) value(stream uint64) int {
	return e.base() + int(stream&(1<<e.allBits()-1)>>e.wordBits())
}

// What the symbols of the three codes mean, without the bits of the words. See RFC 1951, section 3.2.5.
var literalEntries, distanceEntries, lengthEntries = func() (lit, dist, length [mostSyms]entry) {
	for i := range 256 {
		lit[i] = literal | entry(i)<<16
	}
	lit[256] = endMark
	base := 3
	for i := 257; i < 285; i++ {
		extra := max(0, (i-261)/4)
		lit[i] = entry(base)<<16 | entry(extra)
		base += 1 << extra
	}
	lit[285] = 258 << 16
	lit[286], lit[287] = special, special
	base = 1
	for i := range dist {
		if dist[i] = special; i < 30 {
			extra := max(0, (i-2)/2)
			dist[i] = entry(base)<<16 | entry(extra)
			base += 1 << extra
		}
	}
	for i := range 19 {
		length[i] = entry(i) << 16
	}
	return lit, dist, length
}()

// set makes the code in which the symbols have words of these lengths, and reports whether there can be such a code. As
// for zlib it must be complete, but for a code of one word of one bit, and one without words.
func (c *code) set(lengths []uint8, entries *[mostSyms]entry) bool {
	c.entries = entries
	var counts [mostBits + 1]uint16
	var used [mostSyms]uint16 // the symbols that have words
	words := 0
	for s, n := range lengths {
		if n != 0 {
			counts[n&mostBits]++
			used[words] = uint16(s)
			words++
		}
	}
	var next [mostBits + 2]uint16 // the place of the next symbol of each length
	free, total := 1, uint16(0)
	for n := 1; n <= mostBits; n++ {
		free = 2*free - int(counts[n])
		if free < 0 {
			return false
		}
		next[n] = total
		total += counts[n]
	}
	if free > 0 && total > 0 && (total > 1 || counts[1] == 0) {
		return false
	}
	c.counts = counts
	for _, s := range used[:words] {
		n := lengths[s] & mostBits
		c.symbols[next[n]%mostSyms] = s
		next[n]++
	}

	// What is looked up by n bits is looked up by n+1 bits twice, with the words of n+1 bits in the gaps.
	c.fast[0] = 0
	word, place := uint(0), 0
	for n := 1; n <= fastBits; n++ {
		half := 1 << (n - 1)
		copy(c.fast[half:2*half], c.fast[:half])
		word <<= 1
		for range counts[n] {
			e := entries[c.symbols[place]%mostSyms] + entry(n)<<8 + entry(n)
			c.fast[bits.Reverse16(uint16(word))>>(16-n)] = e
			word++
			place++
		}
	}
	return true
}

// follow returns the entry of the next word in the stream, of any length; 0 if there is none.
func (c *code) follow(stream uint64) entry {
	word, first, place := 0, 0, 0
	for n := 1; n <= mostBits; n++ {
		word |= int(stream & 1)
		stream >>= 1
		count := int(c.counts[n])
		if word < first+count {
			return c.entries[c.symbols[place+word-first]] + entry(n)<<8 + entry(n)
		}
		place += count
		first = (first + count) << 1
		word <<= 1
	}
	return 0
}
