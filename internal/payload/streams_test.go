package payload

import (
	"fmt"
	"hash/adler32"
	"strings"
)

// bitWriter packs a hand-made stream.
type bitWriter struct {
	out  []byte
	free int
}

func (w *bitWriter) bits(value, n int) {
	for i := range n {
		if w.free == 0 {
			w.out, w.free = append(w.out, 0), 8
		}
		w.out[len(w.out)-1] |= byte(value >> i & 1 << (8 - w.free))
		w.free--
	}
}

// word writes a Huffman word, whose first bit is its highest.
func (w *bitWriter) word(word string) {
	for _, bit := range word {
		w.bits(int(bit-'0'), 1)
	}
}

func (w *bitWriter) stream(data string) []byte {
	sum := adler32.Checksum([]byte(data))
	return append(append([]byte{0x78, 0x9c}, w.out...), byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
}

// dynamicBlock begins the last block with the codes whose words have these sizes, by symbol.
func dynamicBlock(literals, distances []int) *bitWriter {
	w := new(bitWriter)
	w.bits(1, 1)
	w.bits(2, 2)
	w.bits(len(literals)-257, 5)
	w.bits(len(distances)-1, 5)
	w.bits(19-4, 4)
	for _, symbol := range codeOrder {
		if symbol < 16 {
			w.bits(4, 3) // so that the words of 0 to 15 are these numbers
		} else {
			w.bits(0, 3)
		}
	}
	for _, size := range append(literals, distances...) {
		w.word(fmt.Sprintf("%04b", size))
	}
	return w
}

// sizes returns n sizes, of which those in the map are not 0.
func sizes(n int, words map[int]int) []int {
	all := make([]int, n)
	for symbol, size := range words {
		all[symbol] = size
	}
	return all
}

type handMadeStream struct {
	name   string
	stream []byte
	want   string
	err    error
}

// handMade returns streams that no compressor writes. TestLive has Python confirm the verdicts. Where a distance goes too far,
// the checksum is that of what it would find after "before".
func handMade() (streams []handMadeStream) {
	dynamic := func(name string, literals, distances []int, words, want string, err error) {
		w := dynamicBlock(literals, distances)
		w.word(words)
		streams = append(streams, handMadeStream{name, w.stream(want), want, err})
	}
	// "a" = 0, the end = 10, length 3 = 11; distance 1 = 0.
	usual := map[int]int{'a': 1, 256: 2, 257: 2}
	one := []int{1}
	dynamic("one distance", sizes(258, usual), one, "0"+"110"+"10", "aaaa", nil)
	dynamic("one distance, and the word that is missing", sizes(258, usual), one, "0"+"111"+"10", "aaaa", ErrZlib)
	dynamic("one distance of two bits", sizes(258, usual), []int{2}, "0"+"1100"+"10", "aaaa", ErrZlib)
	dynamic("three distances of two bits", sizes(258, usual), []int{2, 2, 2}, "0"+"1100"+"10", "aaaa", ErrZlib)
	dynamic("three distances of one bit", sizes(258, usual), []int{1, 1, 1}, "0"+"110"+"10", "aaaa", ErrZlib)
	dynamic("no distance", sizes(258, usual), []int{0}, "00"+"10", "aa", nil)
	dynamic("no distance, and a length", sizes(258, usual), []int{0}, "0"+"110"+"10", "aaaa", ErrZlib)
	dynamic("distance before the beginning", sizes(258, usual), one, "110"+"10", "eee", ErrZlib)
	dynamic("as many symbols as there may be", sizes(286, usual), sizes(30, map[int]int{0: 1}), "0"+"110"+"10", "aaaa", nil)
	dynamic("a literal too many", sizes(287, usual), one, "0"+"110"+"10", "aaaa", ErrZlib)
	dynamic("a distance too many", sizes(258, usual), sizes(31, map[int]int{0: 1}), "0"+"110"+"10", "aaaa", ErrZlib)
	dynamic("too few literals", sizes(258, map[int]int{'a': 2, 256: 2, 257: 2}), one, "00"+"01", "a", ErrZlib)
	dynamic("too many literals", sizes(258, map[int]int{'a': 1, 256: 1, 257: 2}), one, "0"+"1", "a", ErrZlib)
	dynamic("nothing but the end", sizes(257, map[int]int{256: 1}), one, "0", "", nil)
	dynamic("no end", sizes(257, map[int]int{'a': 1, 'b': 1}), one, strings.Repeat("0", 200), strings.Repeat("a", 200), ErrZlib)
	long := map[int]int{256: 15}
	for i := range 15 {
		long['a'+i] = i + 1
	}
	dynamic("words of every size", sizes(257, long), one,
		"0"+"10"+"111111110"+"1111111110"+"11111111110"+"111111111111110"+"111111111111111", "abijko", nil)
	dynamic("words of every size, the last cut off", sizes(257, long), one, "0"+"11111111", "a", ErrZlib)

	fixed := func(name, words, want string, err error) {
		w := new(bitWriter)
		w.bits(1, 1)
		w.bits(1, 2)
		w.word(words)
		streams = append(streams, handMadeStream{name, w.stream(want), want, err})
	}
	const a, end = "10010001", "0000000"
	fixed("fixed", a+"0000001"+"00000"+end, "aaaa", nil)
	fixed("fixed, length 258 in one symbol", a+"11000101"+"00000"+end, strings.Repeat("a", 259), nil)
	fixed("fixed, length 258 as 227 and 31", a+"11000100"+"11111"+"00000"+end, strings.Repeat("a", 259), nil)
	fixed("fixed, length symbol 286", a+"11000110"+"00000"+end, "a", ErrZlib)
	fixed("fixed, length symbol 287", a+"11000111"+"00000"+end, "a", ErrZlib)
	fixed("fixed, distance symbol 30", a+"0000001"+"11110"+end, "a", ErrZlib)
	fixed("fixed, distance symbol 31", a+"0000001"+"11111"+end, "a", ErrZlib)
	fixed("fixed, distance before the beginning", a+"0000001"+"00001"+end, "aeae", ErrZlib)

	// The same codes as "one distance", with runs: 1 = 00, 2 = 01, 18 = 10, 0 = 110, 16 = 111.
	runs := func(name string, distances int, write func(w *bitWriter, zeros func(n int)), err error) {
		w := new(bitWriter)
		w.bits(1, 1)
		w.bits(2, 2)
		w.bits(258-257, 5)
		w.bits(distances-1, 5)
		w.bits(18-4, 4)
		for _, symbol := range codeOrder[:18] {
			w.bits(map[byte]int{1: 2, 2: 2, 18: 2, 0: 3, 16: 3}[symbol], 3)
		}
		write(w, func(n int) { w.word("10"); w.bits(n-11, 7) })
		w.word("0" + "110" + "10")
		streams = append(streams, handMadeStream{name, w.stream("aaaa"), "aaaa", err})
	}
	rest := func(w *bitWriter, zeros func(int)) {
		w.word("00") // "a"
		zeros(138)
		zeros(20)
		w.word("01" + "01" + "00") // the end, length 3, distance 1
	}
	runs("runs", 1, func(w *bitWriter, zeros func(int)) { zeros(97); rest(w, zeros) }, nil)
	runs("a run of the size before, but none is before", 1, func(w *bitWriter, zeros func(int)) {
		w.word("111")
		w.bits(0, 2) // three times
		zeros(94)
		rest(w, zeros)
	}, ErrZlib)
	runs("a run of the size before", 1, func(w *bitWriter, zeros func(int)) {
		w.word("110" + "111")
		w.bits(0, 2)
		zeros(93)
		rest(w, zeros)
	}, nil)
	runs("a run to the very end", 12, func(w *bitWriter, zeros func(int)) { zeros(97); rest(w, zeros); zeros(11) }, nil)
	runs("a run beyond the end", 12, func(w *bitWriter, zeros func(int)) { zeros(97); rest(w, zeros); zeros(12) }, ErrZlib)
	return streams
}

// codeOrder is the order in which RFC 1951, section 3.2.7, sends the lengths of the code for code lengths.
var codeOrder = [19]byte{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
