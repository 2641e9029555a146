package serializer

import (
	"encoding/base64"
	"strconv"
)

// typed returns the text of a value with its marks.
func (g *graph) typed(r ref) (text string, m marks, err error) {
	t := texter{g: g, limit: g.limit(), typed: true}
	err = t.json(r, 0)
	return string(t.buf), t.marks, err
}

func (t *texter) mark(kind Kind, r ref) { t.marks = append(t.marks, mark{len(t.buf), kind, r}) }

// other appends the substitute of a value that JSON has no form for.
func (t *texter) other(r ref, depth int) error {
	g := t.g
	if g.nodes[r].shared {
		if !t.first(r) {
			return ErrNesting // it contains itself
		}
		defer delete(t.seen, r)
	}
	if items, ok := t.dictItems(r); ok {
		return t.dict(r, items, depth)
	}
	if items, ok := t.setItems(r); ok {
		return t.array(Set, r, items, depth)
	}
	switch n := g.nodes[r]; n.kind {
	case nodeTuple:
		return t.array(Tuple, r, g.parts(r), depth)
	case nodeList:
		return t.array(Array, r, t.added(r, opAppends), depth)
	case nodeBytes:
		t.binary(r, g.bytes(r))
		return nil
	}
	i, ok := g.instance(r)
	if !ok {
		t.opaque(r)
		return nil
	}
	switch i.class {
	case "collections.deque":
		items, ok := t.sequence(i.arg(0))
		if ok {
			return t.array(Array, r, append(items[:len(items):len(items)], t.added(r, opAppends)...), depth)
		}
	case "builtins.bytearray":
		b := g.textOf(i.arg(0), nodeBytes)
		if s := g.textOf(i.arg(0), nodeStr); s != "" {
			t.limit -= len(s)
			b, ok = latin1(s)
		}
		if ok {
			t.binary(r, b)
			return nil
		}
	case "datetime.datetime", "datetime.date":
		text, ok := g.date(i)
		return t.text(Date, r, string(text), ok)
	case "datetime.time":
		text, ok := g.clock(i)
		return t.text(Instance, r, string(text), ok)
	case "datetime.timedelta":
		if d, ok := g.duration(r); ok {
			t.mark(Duration, r)
			t.buf = strconv.AppendInt(t.buf, int64(d), 10)
			return nil
		}
	case "decimal.Decimal":
		s := g.textOf(i.arg(0), nodeStr)
		return t.text(Instance, r, s, s != "")
	case "uuid.UUID":
		s, ok := t.uuid(r)
		return t.text(Instance, r, s, ok)
	case "django.utils.safestring.SafeString", "django.utils.safestring.SafeText":
		return t.text(String, r, g.textOf(i.arg(0), nodeStr), g.nodes[i.arg(0)].kind == nodeStr)
	}
	t.opaque(r)
	return nil
}

// opaque appends null for an object that has no form in Go.
func (t *texter) opaque(r ref) {
	t.mark(Instance, r)
	t.buf = append(t.buf, nullText...)
}

func (t *texter) binary(r ref, b string) {
	t.mark(Bytes, r)
	t.buf = append(t.buf, '"')
	t.buf = base64.StdEncoding.AppendEncode(t.buf, []byte(b))
	t.buf = append(t.buf, '"')
}

// text appends s as the form of an object, if it has that form.
func (t *texter) text(kind Kind, r ref, s string, ok bool) (err error) {
	if !ok {
		t.opaque(r)
		return nil
	}
	t.mark(kind, r)
	t.buf, err = appendQuoted(t.buf, s)
	return err
}

func (t *texter) array(kind Kind, r ref, items []ref, depth int) error {
	t.mark(kind, r)
	t.buf = append(t.buf, '[')
	for n, item := range items {
		if n > 0 {
			t.buf = append(t.buf, ',')
		}
		if err := t.json(item, depth+1); err != nil {
			return err
		}
	}
	t.buf = append(t.buf, ']')
	return nil
}

// dict appends a dict whose keys are all str or all int. Another one is opaque.
func (t *texter) dict(r ref, items []ref, depth int) error {
	var kinds [nodeInst + 1]bool
	for n := 0; n < len(items); n += 2 {
		kinds[t.g.nodes[items[n]].kind] = true
	}
	for kind := range kinds {
		if kinds[kind] && nodeKind(kind) != nodeStr && (nodeKind(kind) != nodeInt || kinds[nodeStr]) {
			t.opaque(r)
			return nil
		}
	}
	t.mark(Object, r)
	t.buf = append(t.buf, '{')
	for n := 0; n < len(items); n += 2 {
		if n > 0 {
			t.buf = append(t.buf, ',')
		}
		if key, ok := t.g.integer(items[n]); ok {
			t.mark(Int, items[n])
			t.buf = append(strconv.AppendInt(append(t.buf, '"'), key, 10), '"')
		} else if err := t.json(items[n], depth+1); err != nil {
			return err
		}
		t.buf = append(t.buf, ':')
		if err := t.json(items[n+1], depth+1); err != nil {
			return err
		}
	}
	t.buf = append(t.buf, '}')
	return nil
}
