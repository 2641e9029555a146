package serializer

import (
	"math"
	"math/big"
	"slices"
	"time"
)

// graph is what a pickle describes: values that refer to each other. It is stored in few slices, so that a session costs
// few allocations, and a pickle takes memory in proportion to its size.
type graph struct {
	data    string // the pickle
	extra   []byte // text that does not stand in data as it is
	nodes   []node
	refs    []ref
	ops     []op
	written uint32                    // the highest one of a node
	made    int                       // how long the texts are that were made of its values
	zones   map[string]*time.Location // by name; nil if there is no such zone
}

// ref is the place of a node in graph.nodes.
type ref = uint32

// The nodes that every graph begins with.
const (
	refNone ref = iota
	refFalse
	refTrue
	refEmptyTuple
)

// node is a Python value. Two numbers, whose meaning depends on the kind, describe it:
//
//   - of a str, a bytes or a long int, where its bytes begin and end in graph.data or graph.extra;
//   - of an int or a float, the upper and lower half of its 64 bits;
//   - of a tuple, a frozenset or an object, where its parts begin and end in graph.refs.
type node struct {
	kind   nodeKind
	shared bool // it is referred to more than once, perhaps
	extra  bool // its bytes are in graph.extra
	old    bool // a global by the name that it has in Python 2
	again  bool // an object that Python made twice, since its arguments contain it
	a, b   uint32
	last   uint32 // 1 more than the place of the last operation in graph.ops, or 0

	written uint32 // when it was written last; see pickler.remember
}

type nodeKind uint8

const (
	nodeNone nodeKind = iota
	nodeBool
	nodeInt
	nodeLong // an int that needs more than 64 bits, in little-endian two's complement
	nodeFloat
	nodeStr
	nodeBytes
	nodeTuple
	nodeFrozenset
	nodeList
	nodeDict
	nodeSet
	nodeGlobal   // module, name
	nodeReduce   // callable, args
	nodeNewObj   // class, args
	nodeNewObjEx // class, args, kwargs
	nodeInst     // class, args...; what Python 2 writes for objects of classic classes
)

// op is an operation that changes a list, a dict, a set or an object after it was made.
type op struct {
	code     byte // opAppends, opSetItems, opAddItems or opBuild
	from, to uint32
	next     uint32 // the place of the next operation; of the last one, the place of the first
}

func (g *graph) reset(data string) {
	*g = graph{data: data, extra: g.extra[:0], nodes: g.nodes[:0], refs: g.refs[:0], ops: g.ops[:0]}
	g.nodes = append(g.nodes, node{}, node{kind: nodeBool}, node{kind: nodeBool, b: 1}, node{kind: nodeTuple})
}

func number(kind nodeKind, bits uint64) node {
	return node{kind: kind, a: uint32(bits >> 32), b: uint32(bits)}
}

func (n *node) bits() uint64 { return uint64(n.a)<<32 | uint64(n.b) }

// bytes returns the bytes of a str, a bytes or a long int.
func (g *graph) bytes(r ref) string {
	n := &g.nodes[r]
	if n.extra {
		return string(g.extra[n.a:n.b])
	}
	return g.data[n.a:n.b]
}

// integer returns the value of an int.
func (g *graph) integer(r ref) (int64, bool) {
	n := &g.nodes[r]
	return int64(n.bits()), n.kind == nodeInt
}

// long returns the value of an int of any size.
func (g *graph) long(r ref) *big.Int {
	if n, ok := g.integer(r); ok {
		return big.NewInt(n)
	}
	b := []byte(g.bytes(r))
	slices.Reverse(b)
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

func (g *graph) float(r ref) float64 { return math.Float64frombits(g.nodes[r].bits()) }

// parts returns the parts of a tuple, a frozenset or an object.
func (g *graph) parts(r ref) []ref { return g.refs[g.nodes[r].a:g.nodes[r].b] }

// operations loops over what is done to a value after it was made.
func (g *graph) operations(r ref) func(yield func(code byte, args []ref) bool) {
	return func(yield func(byte, []ref) bool) {
		last := g.nodes[r].last
		if last == 0 {
			return
		}
		for at := g.ops[last-1].next; ; at = g.ops[at].next {
			if o := g.ops[at]; !yield(o.code, g.refs[o.from:o.to]) || at == last-1 {
				return
			}
		}
	}
}

// operate appends an operation to those of r. One that continues the last one becomes part of it.
func (g *graph) operate(r ref, code byte, args ...ref) {
	n, from := &g.nodes[r], uint32(len(g.refs))
	g.refs = append(g.refs, args...)
	to := uint32(len(g.refs))
	if n.last != 0 {
		if last := &g.ops[n.last-1]; last.code == code && last.to == from && code != opBuild {
			last.to = to
			return
		}
	}
	at := uint32(len(g.ops))
	next := at
	if n.last != 0 {
		next = g.ops[n.last-1].next
		g.ops[n.last-1].next = at
	}
	g.ops = append(g.ops, op{code, from, to, next})
	n.last = at + 1
}
