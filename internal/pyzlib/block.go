package pyzlib

import "encoding/binary"

// fixed are the codes of blocks that have none of their own.
var fixed = func() (codes [2]code) {
	var lengths [mostSyms]uint8
	for i := range lengths {
		switch {
		case i < 144:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		case i < 280:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	codes[0].set(lengths[:], &literalEntries)
	for i := range 32 {
		lengths[i] = 5
	}
	codes[1].set(lengths[:32], &distanceEntries)
	return codes
}()

// fill fills z.bits up.
func (z *Inflater) fill() {
	for z.n <= 56 && z.at < len(z.in) {
		z.bits |= uint64(z.in[z.at]) << z.n
		z.at++
		z.n += 8
	}
}

// take returns the next n bits.
func (z *Inflater) take(n int) int {
	taken := int(z.bits & (1<<n - 1))
	z.bits >>= n
	z.n -= n
	return taken
}

// align goes to the end of the byte, and empties z.bits.
func (z *Inflater) align() {
	z.at -= z.n / 8
	z.bits, z.n = 0, 0
}

// block begins a block, and reports whether it can be read.
func (z *Inflater) block() bool {
	z.fill()
	z.final = z.take(1) != 0
	switch kind := z.take(2); {
	case z.n < 0:
		return false
	case kind == 0:
		z.align()
		if len(z.in)-z.at < 4 {
			return false
		}
		z.left = int(binary.LittleEndian.Uint16(z.in[z.at:]))
		complement := binary.LittleEndian.Uint16(z.in[z.at+2:])
		z.at += 4
		z.inside = storedBlock
		return complement == ^uint16(z.left) && z.left <= len(z.in)-z.at
	case kind == 1:
		z.literals, z.distances, z.inside = &fixed[0], &fixed[1], codedBlock
		return true
	case kind == 2:
		z.literals, z.distances, z.inside = &z.ownCodes[0], &z.ownCodes[1], codedBlock
		return z.codes()
	}
	return false
}

// lengthOrder is the order in which the lengths of the code for lengths are sent.
var lengthOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// codes reads the codes of a block, and reports whether they are valid.
func (z *Inflater) codes() bool {
	z.fill()
	literals, distances, n := z.take(5)+257, z.take(5)+1, z.take(4)+4
	if literals > 286 || distances > 30 {
		return false
	}
	var lengths [19]uint8
	for _, symbol := range lengthOrder[:n] {
		if z.n < 3 {
			z.fill()
		}
		lengths[symbol] = uint8(z.take(3))
	}
	if !z.distances.set(lengths[:], &lengthEntries) {
		return false
	}
	all := z.lengths[:literals+distances]
	for i := 0; i < len(all); {
		if z.n < 14 {
			z.fill()
		}
		e := z.distances.fast[z.bits%(1<<fastBits)]
		if e == 0 {
			return false
		}
		z.take(int(e.wordBits()))
		length, times := uint8(0), 1
		switch symbol := e.base(); symbol {
		case 16:
			if i == 0 {
				return false
			}
			length, times = all[i-1], 3+z.take(2)
		case 17:
			times = 3 + z.take(3)
		case 18:
			times = 11 + z.take(7)
		default:
			length = uint8(symbol)
		}
		if z.n < 0 || times > len(all)-i {
			return false
		}
		for range times {
			all[i] = length
			i++
		}
	}
	const endOfBlock = 256
	return all[endOfBlock] != 0 && z.literals.set(all[:literals], &literalEntries) && z.distances.set(all[literals:], &distanceEntries)
}
