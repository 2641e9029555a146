package pyzlib

import (
	"bytes"
	stdlib "hash/adler32"
	"math/rand/v2"
	"testing"
)

func TestAdler32(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 7, 8, 63, 64, 65, 127, 128, 5552, 65536, 1<<20 - 1, 1 << 20, 1<<20 + 65, 3 << 20} {
		random := make([]byte, size)
		for i := range random {
			random[i] = byte(r.IntN(256))
		}
		for _, data := range [][]byte{random, bytes.Repeat([]byte{0xff}, size), make([]byte, size)} {
			if got, want := adler32(data), stdlib.Checksum(data); got != want {
				t.Errorf("%d bytes: %08x, want %08x", size, got, want)
			}
		}
	}
}
