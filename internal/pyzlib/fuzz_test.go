package pyzlib

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	stdlib "hash/adler32"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// FuzzInflater: compress/flate is the referee of what is in a stream. The checksum, which would hide most
// differences, is made to fit. However often the data needs more room, it is the same.
func FuzzInflater(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for level := flate.HuffmanOnly; level <= flate.BestCompression; level++ {
		for _, size := range []int{0, 20, 300, 3000} {
			stream := testenv.Zlib(f, testenv.RandomText(r, size), level)
			f.Add(stream[2:len(stream)-4], uint16(size/3))
		}
	}
	used := new(Inflater)
	f.Fuzz(func(t *testing.T, blocks []byte, step uint16) { checkBlocks(t, used, blocks, int(step)) })
}

// TestInflaterMutated does the same with streams that are damaged at random.
func TestInflaterMutated(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	used := new(Inflater)
	for range 500 {
		stream := testenv.Zlib(t, testenv.RandomText(r, r.IntN(2000)), flate.HuffmanOnly+r.IntN(12))
		blocks := stream[2 : len(stream)-4]
		for range r.IntN(4) {
			at := r.IntN(min(len(blocks), 1+r.IntN(100))) // at the codes it gets interesting
			blocks[at] ^= 1 << r.IntN(8)
		}
		checkBlocks(t, used, blocks, r.IntN(1000))
	}
}

// checkBlocks inflates the blocks with an Inflater that was used before, with room for some more bytes each time.
func checkBlocks(t *testing.T, z *Inflater, blocks []byte, step int) {
	const limit = 1 << 16
	in := bytes.NewReader(blocks)
	want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(in), limit+1))
	stream := append([]byte{0x78, 0x9c}, blocks...)
	if wantErr == nil && len(want) <= limit {
		stream = binary.BigEndian.AppendUint32(stream[:len(stream)-in.Len()], stdlib.Checksum(want))
	}
	z.Reset(stream)
	var got []byte
	var err error
	for room := step; ; room += 1 + step + room/2 {
		got, err = z.Append(got, min(room, limit))
		if err != ErrTooLarge || room >= limit {
			break
		}
	}
	switch {
	case wantErr != nil && (err == nil || z.inside == end):
		t.Errorf("%x: read to the end, %v, where compress/flate says %v", blocks, err, wantErr)
	case wantErr == nil && len(want) > limit && err != ErrTooLarge:
		t.Errorf("%x: %v, where compress/flate reads more than %d bytes", blocks, err, limit)
	case wantErr == nil && len(want) <= limit && (err != nil || !bytes.Equal(got, want)):
		t.Errorf("%x: %d bytes, %v, where compress/flate reads %d", blocks, len(got), err, len(want))
	}
}
