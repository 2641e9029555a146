package serializer

import (
	"math"
	"strings"
)

// reduce returns what a call returns. Protocols before 3 write bytes as a call that makes them.
func (u *unpickler) reduce(callable, args ref) ref {
	if u.err != nil || u.nodes[args].kind != nodeTuple {
		return u.object(nodeReduce, callable, args)
	}
	switch parts := u.parts(args); u.globalName(callable) {
	case "_codecs.encode":
		if len(parts) == 2 && u.nodes[parts[0]].kind == nodeStr && strings.Replace(u.textOf(parts[1], nodeStr), "-", "", 1) == "latin1" {
			if b, ok := latin1(u.bytes(parts[0])); ok {
				return u.text(nodeBytes, b)
			}
		}
	case "builtins.bytes":
		if len(parts) == 0 {
			return u.text(nodeBytes, "")
		}
	}
	return u.object(nodeReduce, callable, args)
}

// object returns an object that is made of a class or function and arguments.
func (u *unpickler) object(kind nodeKind, parts ...ref) ref {
	if u.err == nil && u.nodes[parts[1]].kind != nodeTuple {
		u.fail("the arguments of a call are not a tuple")
	}
	return u.compound(kind, parts...)
}

// latin1 returns the bytes of a str of Latin-1 characters.
func latin1(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > math.MaxUint8 {
			return "", false
		}
		b = append(b, byte(r))
	}
	return string(b), true
}

// drop checks that what is popped may be left out. Python pops what it wrote twice, since an object contains itself; it
// also pops the result of a call that sets an object's state, which must not be lost.
func (u *unpickler) drop(items ...ref) {
	for _, r := range items {
		if n := &u.nodes[r]; u.err == nil && n.kind >= nodeReduce && !n.shared && !u.isRepeated(r) {
			u.fail("it calls something for its effect")
		}
	}
}

// isRepeated reports whether the next opcode gets an object that the same class or function made.
func (u *unpickler) isRepeated(r ref) bool {
	pos := u.pos
	defer func() { u.pos, u.err = pos, nil }()
	switch code := u.byte(); code {
	case opGet, opBinGet, opLongBinGet:
		s := u.get(u.index(code))
		if u.err != nil || u.nodes[r].kind != u.nodes[s].kind {
			return false
		}
		p, q := u.parts(r)[0], u.parts(s)[0]
		u.nodes[s].again = p == q || u.globalName(p) != "" && u.globalName(p) == u.globalName(q)
		return u.nodes[s].again
	}
	return false
}
