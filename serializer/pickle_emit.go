package serializer

import "errors"

// maxPickleNesting bounds how deeply objects may be nested in what is written. Python's own limit is 1,000 by default.
const maxPickleNesting = 5000

// graph writes a value of g. It may write what another graph has, too, one after the other.
func (p *pickler) graph(g *graph, r ref) error {
	p.g, p.base, p.first, p.open = g, g.written, p.memoized, p.open[:0]
	return p.node(r, 0)
}

func (p *pickler) node(r ref, depth int) error {
	n := &p.g.nodes[r]
	switch {
	case depth > maxPickleNesting:
		return ErrNesting
	case p.limit > 0 && len(p.buf) > p.limit:
		return errShared
	case p.again(r):
		return p.checkCycle(r)
	}
	if n.kind >= nodeTuple {
		p.open = append(p.open, r)
		defer func() { p.open = p.open[:len(p.open)-1] }()
	}
	switch n.kind {
	case nodeNone:
		p.op(opNone)
		return nil
	case nodeBool:
		if r == refTrue {
			p.op(opNewTrue)
		} else {
			p.op(opNewFalse)
		}
		return nil
	case nodeInt:
		p.int(int64(n.bits()))
		return nil
	case nodeLong:
		p.long(p.g.bytes(r))
		return nil
	case nodeFloat:
		p.float(p.g.float(r))
		return nil
	case nodeStr:
		p.str(p.g.bytes(r))
	case nodeBytes:
		p.sized(opShortBinBytes, opBinBytes, opBinBytes8, p.g.bytes(r))
	case nodeTuple:
		return p.tuple(r, depth)
	case nodeList:
		p.op(opEmptyList)
	case nodeDict:
		p.op(opEmptyDict)
	case nodeSet:
		p.op(opEmptySet)
	default:
		if done, err := p.object(r, n, depth); done || err != nil {
			return err
		}
	}
	p.remember(r)
	return p.operations(r, depth)
}

// again writes a reference to r if it is in the memo.
func (p *pickler) again(r ref) bool {
	n := p.g.nodes[r].written
	if n <= p.base {
		return false
	}
	p.get(p.first + n - p.base - 1)
	return true
}

var errCycle = errors.New("the session has objects that contain each other, which cannot be written one key at a time")

// maxCycleSteps bounds the time that checkCycle takes.
const maxCycleSteps = 1 << 24

// checkCycle returns an error if r is being written and was not the first of its cycle that Python wrote. Where a cycle begins
// decides which of its objects are complete when they become arguments of a call, keys or elements of a set.
func (p *pickler) checkCycle(r ref) error {
	if p.g.nodes[r].kind <= nodeFrozenset {
		return nil
	}
	first := r
	for i := len(p.open) - 1; i >= 0; i-- {
		if p.open[i] == r {
			if first < r {
				return errCycle
			}
			return nil
		}
		first = min(first, p.open[i])
		if p.steps++; p.steps > maxCycleSteps {
			return errShared
		}
	}
	return nil
}

// remember memoizes r, which was written last, whether it is shared or not: so equal values are equal bytes.
func (p *pickler) remember(r ref) {
	p.g.written = p.base + p.memoize() - p.first + 1
	p.g.nodes[r].written = p.g.written
}

// inMemo reports whether r was written meanwhile, by a part of it that contains it. Then pops drop what was written of it,
// and a reference takes its place.
func (p *pickler) inMemo(r ref, pops string) bool {
	if p.g.nodes[r].written <= p.base {
		return false
	}
	p.buf = append(p.buf, pops...)
	return p.again(r)
}

func (p *pickler) nodes(refs []ref, depth int) error {
	for _, r := range refs {
		if err := p.node(r, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (p *pickler) tuple(r ref, depth int) error {
	parts := p.g.parts(r)
	pops, end := string(opPopMark), byte(opTuple)
	switch n := len(parts); n {
	case 0:
		p.op(opEmptyTuple)
		return nil
	case 1, 2, 3:
		pops, end = "000"[:n], opTuple1+byte(n-1)
	default:
		p.op(opMark)
	}
	if err := p.nodes(parts, depth); err != nil || p.inMemo(r, pops) {
		return err
	}
	p.op(end)
	p.remember(r)
	return nil
}

// object writes a frozenset, a global or an object without its operations. It reports whether nothing is left to do, since
// the object contains itself.
func (p *pickler) object(r ref, n *node, depth int) (done bool, err error) {
	parts := p.g.parts(r)
	pops, end := string(opPop), byte(opReduce)
	switch n.kind {
	case nodeGlobal:
		if n.old { // Python translates the names of Python 2 in protocols before 3
			p.buf = append(append(p.buf, proto2...), opGlobal)
			for _, name := range parts {
				p.buf = append(append(p.buf, p.g.bytes(name)...), '\n')
			}
			p.buf = append(p.buf, proto4...)
			return false, nil
		}
		end = opStackGlobal
	case nodeNewObj:
		end = opNewObj
	case nodeNewObjEx:
		end = opNewObjEx
	case nodeFrozenset:
		p.op(opMark)
		err = p.nodes(parts, depth)
		if err != nil || p.inMemo(r, string(opPopMark)) {
			return true, err
		}
		p.op(opFrozenset)
		return false, nil
	case nodeInst:
		p.op(opMark)
		end = opObj
	}
	if err := p.nodes(parts, depth); err != nil {
		return true, err
	}
	p.op(end)
	done = p.inMemo(r, pops)
	if done && !n.again {
		return done, errCycle
	}
	return done, nil
}

// operations writes what changes the value that was written last.
func (p *pickler) operations(r ref, depth int) error {
	for code, args := range p.g.operations(r) {
		if code != opBuild {
			p.op(opMark)
		}
		if err := p.nodes(args, depth); err != nil {
			return err
		}
		p.op(code)
	}
	return nil
}
