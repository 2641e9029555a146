package pyzlib

import "encoding/binary"

// adler32 is hash/adler32's Checksum, up to twice as fast: with that one, inflating 99 kB takes a fifth longer.
func adler32(data []byte) uint32 {
	const (
		modulus = 65521
		most    = 1 << 20 // bytes, until the sums must be reduced
	)
	a, b := uint64(1), uint64(0)
	for len(data) > 0 {
		part := data[:min(len(data), most)]
		data = data[len(part):]
		for ; len(part) >= 64; part = part[64:] {
			// Each of these has four sums of 16 bits: of the bytes at even and at odd places, and of all before them.
			const fourBytes = 0x00ff00ff00ff00ff
			even, odd, before := uint64(0), uint64(0), uint64(0)
			words := (*[64]byte)(part)
			for i := 0; i < len(words); i += 8 {
				before += even + odd
				x := binary.LittleEndian.Uint64(words[i:])
				even += x & fourBytes
				odd += x >> 8 & fourBytes
			}
			// The highest 16 bits of each product are the sum of the four, multiplied.
			b += 64*a + 8*(before*0x0001000100010001>>48) + even*0x0008000600040002>>48 + odd*0x0007000500030001>>48
			a += even*0x0001000100010001>>48 + odd*0x0001000100010001>>48
		}
		for _, c := range part {
			a += uint64(c)
			b += a
		}
		a %= modulus
		b %= modulus
	}
	return uint32(b<<16 | a)
}
