package serializer

// step does what an opcode says.
func (u *unpickler) step(code byte) {
	switch code {
	case opProto:
		if u.proto = u.byte(); u.proto > 5 {
			u.fail("its protocol is newer than 5")
		}
	case opFrame:
		u.uint(8)
	case opMark:
		if u.marks = append(u.marks, uint32(len(u.stack))); len(u.marks) > 2*maxPickleNesting {
			u.err = ErrNesting
		}
	case opPop:
		if len(u.stack) == u.floor() && len(u.marks) > 0 {
			u.popMark()
		} else {
			u.drop(u.pop())
		}
	case opPopMark:
		u.drop(u.popMark()...)
	case opDup:
		r := u.top()
		u.nodes[r].shared = true
		u.push(r)
	case opGet, opBinGet, opLongBinGet:
		r := u.get(u.index(code))
		u.nodes[r].shared = true
		u.push(r)
	case opPut, opBinPut, opLongBinPut:
		u.put(u.index(code))
	case opMemoize:
		u.put(u.memoized)
	case opAppend:
		u.change(opAppends, u.pop())
	case opAppends, opSetItems, opAddItems:
		items := u.popMark()
		u.change(code, items...)
	case opSetItem:
		value := u.pop()
		key := u.pop()
		u.change(opSetItems, key, value)
	case opBuild:
		u.change(opBuild, u.pop())
	default:
		u.push(u.value(code))
	}
}

// value returns the value that an opcode makes.
func (u *unpickler) value(code byte) ref {
	switch code {
	case opNone:
		return refNone
	case opNewFalse:
		return refFalse
	case opNewTrue:
		return refTrue
	case opShortBinUnicode:
		return u.str(u.uint(1))
	case opBinUnicode:
		return u.str(u.uint(4))
	case opBinUnicode8:
		return u.str(u.uint(8))
	case opBinInt1:
		return u.int(int64(u.uint(1)))
	case opBinInt2:
		return u.int(int64(u.uint(2)))
	case opBinInt:
		return u.int(int64(int32(u.uint(4))))
	case opBinFloat:
		return u.float()
	case opLong1:
		from, to := u.take(u.uint(1))
		return u.long(from, to, false)
	case opLong4:
		from, to := u.take(u.uint(4))
		return u.long(from, to, false)
	case opShortBinBytes:
		return u.bytesNode(u.uint(1))
	case opBinBytes:
		return u.bytesNode(u.uint(4))
	case opBinBytes8:
		return u.bytesNode(u.uint(8))
	case opByteArray8: // protocol 4 has no opcode for it
		b := u.bytesNode(u.uint(8))
		return u.reduce(u.global(u.text(nodeStr, "builtins"), u.text(nodeStr, "bytearray")), u.tuple(b))
	case opShortBinString:
		return u.ascii(u.uint(1))
	case opBinString:
		return u.ascii(u.uint(4))
	case opInt, opLong, opFloat, opString, opUnicode:
		return u.literal(code)
	}
	return u.container(code)
}

// container returns the value that an opcode makes of others.
func (u *unpickler) container(code byte) ref {
	switch code {
	case opEmptyTuple:
		return refEmptyTuple
	case opTuple:
		return u.tuple(u.popMark()...)
	case opTuple1:
		return u.tuple(u.pop())
	case opTuple2:
		b := u.pop()
		return u.tuple(u.pop(), b)
	case opTuple3:
		c := u.pop()
		b := u.pop()
		return u.tuple(u.pop(), b, c)
	case opEmptyList:
		return u.add(node{kind: nodeList})
	case opEmptyDict:
		return u.add(node{kind: nodeDict})
	case opEmptySet:
		return u.add(node{kind: nodeSet})
	case opList:
		return u.filled(nodeList, opAppends)
	case opDict:
		return u.filled(nodeDict, opSetItems)
	case opFrozenset:
		return u.compound(nodeFrozenset, u.popMark()...)
	case opGlobal:
		module := u.text(nodeStr, u.line())
		return u.global(module, u.text(nodeStr, u.line()))
	case opStackGlobal:
		name := u.pop()
		return u.global(u.pop(), name)
	case opReduce:
		args := u.pop()
		return u.reduce(u.pop(), args)
	case opNewObj:
		args := u.pop()
		return u.object(nodeNewObj, u.pop(), args)
	case opNewObjEx:
		kwargs := u.pop()
		args := u.pop()
		return u.object(nodeNewObjEx, u.pop(), args, kwargs)
	case opObj:
		parts := u.popMark()
		if len(parts) == 0 {
			u.fail(misplaced)
			return refNone
		}
		return u.compound(nodeInst, parts...)
	case opInst:
		module := u.text(nodeStr, u.line())
		class := u.global(module, u.text(nodeStr, u.line()))
		return u.compound(nodeInst, append([]ref{class}, u.popMark()...)...)
	}
	u.fail("an opcode is unknown or refers to what is stored elsewhere")
	return refNone
}

// filled returns a list or dict of what is above the mark.
func (u *unpickler) filled(kind nodeKind, code byte) ref {
	items := u.popMark()
	if code == opSetItems && len(items)%2 != 0 {
		u.fail(misplaced)
	}
	r := u.add(node{kind: kind})
	if u.err == nil && len(items) > 0 {
		u.operate(r, code, items...)
	}
	return r
}
