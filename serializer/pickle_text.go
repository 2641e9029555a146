package serializer

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// texter writes the JSON of a pickle's values.
type texter struct {
	g     *graph
	buf   []byte
	limit int
	seen  map[ref]bool // the containers that are there more than once

	typed bool // substitutes stand for what JSON has no form for
	marks marks
}

var (
	errNotJSON = errors.New("JSON has no form for a part of it")
	errShared  = errors.New("its parts share objects that take too much memory when each part has a copy")
)

// json appends the text that json.dumps would write of r if JSON holds all that r is.
func (t *texter) json(r ref, depth int) error {
	n := &t.g.nodes[r]
	switch {
	case depth > maxPickleNesting || !t.typed && depth > maxWriteNesting:
		return ErrNesting
	case len(t.buf) > t.limit:
		return errShared
	case t.typed && n.kind > nodeStr:
		return t.other(r, depth)
	}
	switch n.kind {
	case nodeNone:
		t.buf = append(t.buf, nullText...)
	case nodeBool:
		t.buf = strconv.AppendBool(t.buf, r == refTrue)
	case nodeInt:
		t.buf = strconv.AppendInt(t.buf, int64(n.bits()), 10)
	case nodeLong:
		start := len(t.buf)
		if n.b-n.a < maxDigits/2 {
			t.buf = t.g.long(r).Append(t.buf, 10)
		}
		if size := countDigits(string(t.buf[start:])); size > maxDigits || size == 0 {
			t.buf = t.buf[:start]
			if t.typed {
				t.opaque(r)
				return nil
			}
			return errNotJSON
		}
	case nodeFloat:
		f := t.g.float(r)
		if !t.typed && math.IsNaN(f) && math.Float64bits(f) != pythonNaN {
			return errNotJSON
		}
		t.buf = appendFloat(t.buf, f, 64)
	case nodeStr:
		return t.str(r)
	case nodeList, nodeDict:
		if n.shared && !t.first(r) {
			return errNotJSON
		}
		return t.container(r, depth)
	default:
		return errNotJSON
	}
	return nil
}

// pythonNaN is float("nan").
const pythonNaN = 0x7ff8_0000_0000_0000

// first reports whether r was not seen before.
func (t *texter) first(r ref) bool {
	if t.seen[r] {
		return false
	}
	if t.seen == nil {
		t.seen = map[ref]bool{}
	}
	t.seen[r] = true
	return true
}

// str appends a str. JSON would read two surrogates as one character.
func (t *texter) str(r ref) (err error) {
	s := t.g.bytes(r)
	switch {
	case len(t.buf)+len(s) > t.limit:
		return errShared
	case !t.typed && hasSurrogatePair(s):
		return errNotJSON
	}
	t.buf, err = appendQuoted(t.buf, s)
	return err
}

// hasSurrogatePair reports whether s has two surrogates, each in three bytes, that make a pair.
func hasSurrogatePair(s string) bool {
	for {
		i := strings.IndexByte(s, 0xed)
		if i < 0 || len(s) < i+6 {
			return false
		}
		if s[i+1]&0xf0 == 0xa0 && s[i+3] == 0xed && s[i+4]&0xf0 == 0xb0 {
			return true
		}
		s = s[i+1:]
	}
}

func (t *texter) container(r ref, depth int) error {
	dict := t.g.nodes[r].kind == nodeDict
	open := "[]"
	if dict {
		open = "{}"
	}
	t.buf = append(t.buf, open[0])
	i := 0
	for _, items := range t.g.operations(r) {
		for _, item := range items {
			key := dict && i%2 == 0
			switch {
			case i == 0:
			case dict && !key:
				t.buf = append(t.buf, ':')
			default:
				t.buf = append(t.buf, ',')
			}
			if key && t.g.nodes[item].kind != nodeStr {
				return errNotJSON
			}
			if err := t.json(item, depth+1); err != nil {
				return err
			}
			i++
		}
	}
	t.buf = append(t.buf, open[1])
	return nil
}
