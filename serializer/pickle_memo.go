package serializer

import "strconv"

// get returns what was memoized as i.
func (u *unpickler) get(i uint64) ref {
	if i >= uint64(len(u.memo)) || u.memo[i] == 0 {
		u.fail("it refers to an object that is not there")
		return refNone
	}
	return u.memo[i] - 1
}

// put memoizes the value on top. A memo has no more places than the pickle has bytes.
func (u *unpickler) put(i uint64) {
	r := u.top()
	if i >= uint64(len(u.data)) {
		u.fail("the number of an object is too large")
		return
	}
	for uint64(len(u.memo)) <= i {
		u.memo = append(u.memo, 0)
	}
	if u.memo[i] == 0 {
		u.memoized++
	}
	u.memo[i] = r + 1
}

// index reads the number that an opcode has as its argument.
func (u *unpickler) index(code byte) uint64 {
	switch code {
	case opBinGet, opBinPut:
		return u.uint(1)
	case opLongBinGet, opLongBinPut:
		return u.uint(4)
	}
	n, err := strconv.ParseUint(u.line(), 10, 32)
	if err != nil {
		u.fail("the number of an object is not a number")
	}
	return n
}
