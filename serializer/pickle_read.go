package serializer

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"unsafe"
)

// PickleError reports a pickle that cannot be read. It does not hold what is in it.
type PickleError struct {
	Offset int // in bytes: where reading stopped

	problem string
}

func (e *PickleError) Error() string {
	return fmt.Sprintf("cannot read the pickle: %s at byte %d", e.problem, e.Offset)
}

// maxPickleObjects bounds the objects in a pickle, without numbers up to 255 and what is referred to again. Each takes memory
// of its own.
const maxPickleObjects = 1 << 19

// unpickler follows the opcodes of a pickle as Python's Unpickler does, but makes a graph. It calls nothing.
type unpickler struct {
	graph
	pos   int
	proto byte
	stack []ref
	marks []uint32 // where in the stack
	memo  []ref    // plus 1; 0 is free

	memoized uint64 // how many places of memo are taken, which is the number of the next one for opMemoize

	small [256]ref
	root  ref
	err   error
}

var unpicklers = sync.Pool{New: func() any { return new(unpickler) }}

// maxKeptObjects bounds the memory that an unpickler keeps for the next pickle.
const maxKeptObjects = 1 << 16

// unpickle reads a pickle. The caller must release the result, which keeps data until then.
func unpickle(data string) (*unpickler, error) {
	if uint64(len(data)) > maxText/2 {
		return nil, errTooLong
	}
	u := unpicklers.Get().(*unpickler)
	u.reset(data)
	u.pos, u.proto, u.stack, u.marks, u.memo, u.memoized, u.small, u.err = 0, 0, u.stack[:0], u.marks[:0], u.memo[:0], 0, [256]ref{}, nil
	for {
		start := u.pos
		code := u.byte()
		if code == opStop && u.err == nil {
			u.root = u.pop()
		} else {
			u.step(code)
		}
		switch {
		case u.err != nil:
			if e, ok := u.err.(*PickleError); ok {
				e.Offset = start
			}
			err := u.err
			u.release()
			return nil, err
		case code == opStop:
			return u, nil
		}
	}
}

func (u *unpickler) release() {
	u.data = ""
	if cap(u.nodes)+cap(u.refs)+cap(u.ops)+cap(u.extra)+cap(u.stack)+cap(u.memo) <= maxKeptObjects {
		unpicklers.Put(u)
	}
}

// fail ends the reading after this opcode.
func (u *unpickler) fail(problem string) {
	if u.err == nil {
		u.err = &PickleError{problem: problem}
	}
}

const (
	ends      = "it ends early"
	misplaced = "an opcode lacks its operands"
)

func (u *unpickler) take(n uint64) (from, to uint32) {
	if n > uint64(len(u.data)-u.pos) {
		u.fail(ends)
		return 0, 0
	}
	from = uint32(u.pos)
	u.pos += int(n)
	return from, uint32(u.pos)
}

func (u *unpickler) byte() byte {
	if from, to := u.take(1); to > from {
		return u.data[from]
	}
	return 0
}

// uint reads a little-endian number of some bytes.
func (u *unpickler) uint(size uint64) uint64 {
	var b [8]byte
	from, to := u.take(size)
	copy(b[:], u.data[from:to])
	return binary.LittleEndian.Uint64(b[:])
}

func (u *unpickler) add(n node) ref {
	if len(u.nodes) >= maxPickleObjects {
		u.fail("it has more than 524,288 objects")
		return refNone
	}
	u.nodes = append(u.nodes, n)
	return ref(len(u.nodes) - 1)
}

func (u *unpickler) push(r ref) { u.stack = append(u.stack, r) }

// floor is the place in the stack below which no opcode reaches without popping a mark.
func (u *unpickler) floor() int {
	if n := len(u.marks); n > 0 {
		return int(u.marks[n-1])
	}
	return 0
}

func (u *unpickler) pop() ref {
	r := u.top()
	if u.err == nil {
		u.stack = u.stack[:len(u.stack)-1]
	}
	return r
}

func (u *unpickler) top() ref {
	if len(u.stack) <= u.floor() {
		u.fail(misplaced)
		return refNone
	}
	return u.stack[len(u.stack)-1]
}

// popMark returns what is above the last mark, until the next push.
func (u *unpickler) popMark() []ref {
	if len(u.marks) == 0 {
		u.fail(misplaced)
		return nil
	}
	items := u.stack[u.floor():]
	u.stack, u.marks = u.stack[:u.floor()], u.marks[:len(u.marks)-1]
	return items
}

// compound returns a node of parts.
func (u *unpickler) compound(kind nodeKind, parts ...ref) ref {
	from := uint32(len(u.refs))
	u.refs = append(u.refs, parts...)
	return u.add(node{kind: kind, a: from, b: uint32(len(u.refs))})
}

func (u *unpickler) tuple(parts ...ref) ref {
	if len(parts) == 0 {
		return refEmptyTuple
	}
	return u.compound(nodeTuple, parts...)
}

func (u *unpickler) int(n int64) ref {
	if n < 0 || n > 255 {
		return u.add(number(nodeInt, uint64(n)))
	}
	if u.small[n] == 0 {
		u.small[n] = u.add(number(nodeInt, uint64(n)))
	}
	return u.small[n]
}

// long returns the int whose little-endian bytes are there.
func (u *unpickler) long(from, to uint32, extra bool) ref {
	b := u.data
	if extra {
		b = unsafe.String(unsafe.SliceData(u.extra), len(u.extra)) // for as long as this takes
	}
	for to-from > 1 && (b[to-1] == 0 && b[to-2] < 0x80 || b[to-1] == 0xff && b[to-2] >= 0x80) {
		to--
	}
	switch size := to - from; {
	case size == 0:
		return u.int(0)
	case size > 8:
		return u.add(node{kind: nodeLong, extra: extra, a: from, b: to})
	default:
		var word [8]byte
		copy(word[:], b[from:to])
		shift := 64 - 8*size
		return u.int(int64(binary.LittleEndian.Uint64(word[:])<<shift) >> shift)
	}
}

// str returns the str of size bytes that come next.
func (u *unpickler) str(size uint64) ref {
	from, to := u.take(size)
	if !isWTF8(u.data[from:to]) {
		u.fail("a str is not UTF-8")
	}
	return u.add(node{kind: nodeStr, a: from, b: to})
}

func (u *unpickler) bytesNode(size uint64) ref {
	from, to := u.take(size)
	return u.add(node{kind: nodeBytes, a: from, b: to})
}

// ascii returns the str of a Python 2 str, which Django reads with the encoding ASCII.
func (u *unpickler) ascii(size uint64) ref {
	from, to := u.take(size)
	for _, c := range []byte(u.data[from:to]) {
		if c >= 0x80 {
			u.fail("a str of Python 2 is not ASCII")
			break
		}
	}
	return u.add(node{kind: nodeStr, a: from, b: to})
}

// text returns a node of text that is not in the pickle.
func (u *unpickler) text(kind nodeKind, text string) ref {
	from := uint32(len(u.extra))
	u.extra = append(u.extra, text...)
	return u.add(node{kind: kind, extra: true, a: from, b: uint32(len(u.extra))})
}

// change performs an operation on the value on top.
func (u *unpickler) change(code byte, args ...ref) {
	r := u.top()
	kind := u.nodes[r].kind
	switch {
	case code == opAppends && kind == nodeList, code == opSetItems && kind == nodeDict, code == opAddItems && kind == nodeSet, kind >= nodeReduce:
	default:
		u.fail("an opcode does not fit its object")
	}
	if code == opSetItems && len(args)%2 != 0 {
		u.fail(misplaced)
	}
	if u.err == nil && (len(args) > 0 || kind >= nodeReduce) {
		u.operate(r, code, args...)
	}
}

func (u *unpickler) float() ref {
	from, to := u.take(8)
	if to == from {
		return refNone
	}
	return u.add(number(nodeFloat, binary.BigEndian.Uint64([]byte(u.data[from:to]))))
}

// maxName bounds the names of modules and classes, which are compared again and again.
const maxName = 1000

// global returns the global of two strs.
func (u *unpickler) global(module, name ref) ref {
	for _, r := range []ref{module, name} {
		switch {
		case u.err != nil:
			return refNone
		case u.nodes[r].kind != nodeStr:
			u.fail("the name of a global is not a str")
		case u.nodes[r].b-u.nodes[r].a > maxName || !isWTF8(u.bytes(r)) || strings.Contains(u.bytes(r), "\n"):
			u.fail("the name of a global is not UTF-8 in one line of at most 1,000 bytes")
		}
	}
	r := u.compound(nodeGlobal, module, name)
	u.nodes[r].old = u.proto < 3
	return r
}
