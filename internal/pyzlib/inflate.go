// Package pyzlib compresses and inflates as Python's zlib.compress and zlib.decompress do.
package pyzlib

import (
	"encoding/binary"
	"errors"
)

var (
	// ErrZlib: the stream is damaged, cut off, or needs a preset dictionary.
	ErrZlib = errors.New("zlib: the data is damaged")
	// ErrTooLarge: the data is larger than the limit.
	ErrTooLarge = errors.New("zlib: the data is larger than the limit")
)

// Inflater inflates a stream as zlib.decompress does: bytes after the end of the stream are ignored. It can be used
// again and again; it is large, and not safe for concurrent use.
type Inflater struct {
	in   []byte // the stream
	at   int    // up to here the stream is in bits
	bits uint64 // the next bits of the stream, the lowest first
	n    int    // how many of them count

	inside  inside
	final   bool // the block is the last
	left    int  // bytes of a stored block
	lengths [286 + 30]uint8

	literals, distances *code // of the block
	ownCodes            [2]code
}

// inside says where in the stream an Inflater is.
type inside int

const (
	header inside = iota
	betweenBlocks
	storedBlock
	codedBlock
	end
)

// Reset begins a stream, which must not change until it is inflated.
func (z *Inflater) Reset(stream []byte) {
	z.in, z.at, z.bits, z.n, z.inside, z.final = stream, 0, 0, 0, header, false
}

// errRoom reports that the data needs more room.
var errRoom = errors.New("pyzlib: no room")

// Append appends the data of the stream, of which data has what earlier calls have returned. The error is ErrZlib or,
// with max bytes or a little less, ErrTooLarge; then a call with a larger max goes on.
func (z *Inflater) Append(data []byte, max int) ([]byte, error) {
	for {
		room := data[:min(cap(data), max)]
		w, err := z.inflate(room, len(data))
		data = room[:w]
		switch {
		case err != errRoom:
			return data, err
		case len(room) == max:
			return data, ErrTooLarge
		}
		size := 2*cap(data) + 512
		if size < 0 || size > max-max/4 {
			size = max
		}
		data = append(make([]byte, 0, size), data...)
	}
}

// inflate fills out from out[w] on, and returns up to where.
func (z *Inflater) inflate(out []byte, w int) (int, error) {
	var err error
	for {
		switch z.inside {
		case header:
			if len(z.in) < 2 || z.in[0]&15 != 8 || z.in[0]>>4 > 7 || z.in[1]&0x20 != 0 || binary.BigEndian.Uint16(z.in)%31 != 0 {
				return w, ErrZlib
			}
			z.at, z.inside = 2, betweenBlocks
		case betweenBlocks:
			if z.final {
				z.inside = end
			} else if !z.block() {
				return w, ErrZlib
			}
		case storedBlock:
			n := copy(out[w:], z.in[z.at:z.at+z.left])
			w += n
			z.at += n
			if z.left -= n; z.left > 0 {
				return w, errRoom
			}
			z.inside = betweenBlocks
		case codedBlock:
			if w, err = z.coded(out, w); err != nil {
				return w, err
			}
			z.inside = betweenBlocks
		case end:
			z.align()
			if len(z.in)-z.at < 4 || binary.BigEndian.Uint32(z.in[z.at:]) != adler32(out[:w]) {
				return w, ErrZlib
			}
			return w, nil
		}
	}
}

// coded inflates the rest of a block into out, from out[w] on, and returns up to where.
func (z *Inflater) coded(out []byte, w int) (int, error) {
	in, at, stream, n := z.in, z.at, z.bits, z.n
	literals, distances := z.literals, z.distances
	err := ErrZlib
	for {
		if n < 48 { // the longest pair of length and distance
			if len(in)-at >= 8 {
				stream |= binary.LittleEndian.Uint64(in[at:]) << (n & 63)
				at += (63 - n) >> 3
				n |= 56
			} else {
				for n <= 56 && at < len(in) {
					stream |= uint64(in[at]) << n
					at++
					n += 8
				}
			}
		}
		e := literals.fast[stream%(1<<fastBits)]
		if e == 0 {
			if e = literals.follow(stream); e == 0 {
				break
			}
		}
		if e&literal != 0 {
			if int(e.allBits()) > n {
				break
			}
			if w >= len(out) {
				err = errRoom
				break
			}
			stream >>= e.allBits()
			n -= int(e.allBits())
			out[w] = byte(e >> 16)
			w++
			continue
		}
		if e&special != 0 {
			stream >>= e.allBits()
			if n -= int(e.allBits()); e&^0xfff == endMark && n >= 0 {
				err = nil
			}
			break
		}
		length := e.value(stream)
		used := e.allBits()
		rest := stream >> used
		d := distances.fast[rest%(1<<fastBits)]
		if d == 0 {
			d = distances.follow(rest)
		}
		if d == 0 || d&special != 0 {
			break
		}
		from := w - d.value(rest)
		used += d.allBits()
		if from < 0 || int(used) > n {
			break
		}
		if length > len(out)-w {
			err = errRoom
			break
		}
		stream >>= used
		n -= int(used)
		for end := w + length; w < end; {
			w += copy(out[w:end], out[from:w])
		}
	}
	z.at, z.bits, z.n = at, stream, n
	return w, err
}
