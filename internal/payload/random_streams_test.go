package payload

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// randomStream returns a valid stream of so many blocks of all types, with codes of all shapes and copies from all
// distances that there can be, and its data. Few compressors write such.
func randomStream(r *rand.Rand, blocks, steps int) (stream, data []byte) {
	s := &randomBlocks{Rand: r}
	for i := range blocks {
		s.bits(map[bool]int{true: 1}[i == blocks-1], 1)
		s.block(steps)
	}
	stream = s.stream(string(s.data))
	window := r.IntN(8) // the size of the window in the header, which zlib does not hold the distances against
	stream[0] = byte(window<<4 | 8)
	stream[1] = byte(31 - int(stream[0])<<8%31)
	return stream, s.data
}

type randomBlocks struct {
	*rand.Rand
	bitWriter
	data []byte
}

// symbol is one of a code, and the extra bits after it.
type symbol struct{ symbol, extra, extraBits int }

func (s *randomBlocks) block(steps int) {
	kind := s.IntN(3)
	s.bits(kind, 2)
	if kind == 0 {
		s.storedBlock()
		return
	}
	var symbols, used [2][]symbol // of literals and lengths, and of distances; a literal has no distance
	for range s.IntN(steps) {
		c := byte(s.IntN(256) >> (s.IntN(2) * 6))
		pair := [2]symbol{{int(c), 0, 0}, {-1, 0, 0}}
		if len(s.data) == 0 || s.IntN(2) == 0 {
			s.data = append(s.data, c)
		} else {
			length := 3 + s.IntN([]int{1, 20, 256}[s.IntN(3)])
			distance := 1 + s.IntN(min(len(s.data), []int{1, 40, 32768}[s.IntN(3)]))
			if s.IntN(8) == 0 {
				length, distance = 258, min(32768, len(s.data))
			}
			for range length {
				s.data = append(s.data, s.data[len(s.data)-distance])
			}
			pair = [2]symbol{lengthSymbol(length), slot(distance-1, 2, 30)}
			used[1] = append(used[1], pair[1])
		}
		for i := range symbols {
			symbols[i] = append(symbols[i], pair[i])
		}
		used[0] = append(used[0], pair[0])
	}
	var words [2][]string
	if kind == 1 {
		eight, nine, seven := slices.Repeat([]int{8}, 144), slices.Repeat([]int{9}, 112), slices.Repeat([]int{7}, 24)
		words = [2][]string{wordsOf(slices.Concat(eight, nine, seven, eight[:8])), wordsOf(slices.Repeat([]int{5}, 32))}
	} else {
		words = s.codes(append(used[0], symbol{256, 0, 0}), used[1])
	}
	for i := range symbols[0] {
		for j := range words {
			if one := symbols[j][i]; one.symbol >= 0 {
				s.word(words[j][one.symbol])
				s.bits(one.extra, one.extraBits)
			}
		}
	}
	s.word(words[0][256])
}

func (s *randomBlocks) storedBlock() {
	n := []int{0, s.IntN(300), s.IntN(300), s.IntN(300), 65534 + s.IntN(2)}[s.IntN(5)]
	s.free = 0
	s.bits(n, 16)
	s.bits(^n&0xffff, 16)
	for range n {
		s.data = append(s.data, byte(s.IntN(4)))
		s.out = append(s.out, s.data[len(s.data)-1])
	}
}

// codes writes random codes for the symbols, and returns their words.
func (s *randomBlocks) codes(literals, distances []symbol) (words [2][]string) {
	lit, dist := s.code(literals, 286, 257), s.code(distances, 30, 1)
	all := append(lit[:len(lit):len(lit)], dist...)
	var runs []symbol
	for i := 0; i < len(all); {
		run := 1
		for i+run < len(all) && all[i+run] == all[i] {
			run++
		}
		one, n := symbol{all[i], 0, 0}, 1
		switch zero := all[i] == 0; {
		case zero && run >= 11 && s.IntN(5) > 0:
			n = 11 + s.IntN(min(run, 138)-10)
			one = symbol{18, n - 11, 7}
		case zero && run >= 3 && s.IntN(3) > 0:
			n = 3 + s.IntN(min(run, 10)-2)
			one = symbol{17, n - 3, 3}
		case i > 0 && all[i-1] == all[i] && run >= 3 && s.IntN(3) > 0:
			n = 3 + s.IntN(min(run, 6)-2)
			one = symbol{16, n - 3, 2}
		}
		runs = append(runs, one)
		i += n
	}
	ofLengths := s.code(append(runs, symbol{}, symbol{18, 0, 0}), 19, 19) // one symbol alone is no code for lengths
	s.bits(len(lit)-257, 5)
	s.bits(len(dist)-1, 5)
	s.bits(19-4, 4)
	for _, i := range codeOrder {
		s.bits(ofLengths[i], 3)
	}
	for i, word := 0, wordsOf(ofLengths); i < len(runs); i++ {
		s.word(word[runs[i].symbol])
		s.bits(runs[i].extra, runs[i].extraBits)
	}
	return [2][]string{wordsOf(lit), wordsOf(dist)}
}

// code returns the lengths of the words of a complete code for the symbols and a few others, of at least as many.
func (s *randomBlocks) code(symbols []symbol, most, least int) []int {
	depths, longest := []int{0}, 7
	if most > 19 {
		longest = 9 + s.IntN(7)
	}
	in := map[int]bool{}
	for _, one := range symbols {
		in[one.symbol] = true
	}
	for range s.IntN(4) {
		in[s.IntN(most)] = true
	}
	lengths := make([]int, most)
	if len(in) > 0 {
		for len(depths) < len(in) { // a word becomes two that are longer, often the last one
			i := len(depths) - 1
			for s.IntN(2) == 0 || depths[i] == longest {
				i = s.IntN(len(depths))
			}
			depths[i]++
			depths = append(depths, depths[i])
		}
		depths[0] = max(1, depths[0])
		s.Shuffle(len(depths), func(i, j int) { depths[i], depths[j] = depths[j], depths[i] })
	}
	for i := range lengths {
		if in[i] {
			lengths[i], depths = depths[0], depths[1:]
		}
	}
	for len(lengths) > least && lengths[len(lengths)-1] == 0 && s.IntN(20) > 0 {
		lengths = lengths[:len(lengths)-1]
	}
	return lengths
}

// wordsOf returns the words of the lengths. See RFC 1951, section 3.2.2.
func wordsOf(lengths []int) []string {
	words, next := make([]string, len(lengths)), 0
	for n := 1; n <= 15; n++ {
		next <<= 1
		for i, length := range lengths {
			if length == n {
				words[i] = fmt.Sprintf("%0*b", n, next)
				next++
			}
		}
	}
	return words
}

func lengthSymbol(length int) symbol {
	if length == 258 {
		return symbol{285, 0, 0}
	}
	one := slot(length-3, 4, 28)
	one.symbol += 257
	return one
}

// slot returns the symbol of a value if each so many symbols have a bit more.
func slot(value, each, symbols int) symbol {
	base := 0
	for i := range symbols {
		bits := max(0, i/each-1)
		if value < base+1<<bits {
			return symbol{i, value - base, bits}
		}
		base += 1 << bits
	}
	panic(fmt.Sprint("no symbol for ", value))
}
