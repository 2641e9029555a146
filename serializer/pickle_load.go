package serializer

import (
	"math"
	"unsafe"
)

// expansion is how many times as long as the pickle the texts of its values may be, and expansionRoom what they may be
// longer still: each value has a copy of the objects that it shares with others.
const (
	expansion     = 16
	expansionRoom = 512 << 10
)

// smallText is how long a text that is tried may be in any case.
const smallText = 256

// limit returns how long the texts of all values together may be.
func (g *graph) limit() int {
	return max(1, expansion*min(len(g.data), math.MaxInt32/2/expansion)+expansionRoom-g.made)
}

// dict returns the dict r. Its text has the keys and values as JSON, and values that JSON cannot hold as pickles.
func (g *graph) dict(r ref) (*Dict, error) {
	if g.nodes[r].kind != nodeDict {
		return nil, errNotDict
	}
	limit := g.limit()
	t := texter{g: g, buf: make([]byte, 0, len(g.data)+len(g.data)/4), limit: limit}
	items := t.added(r, opSetItems)
	p := pickler{limit: limit}
	d := newDict(contents{})
	c := *d.c
	for i := 0; i < len(items); i += 2 {
		e, err := t.member(items[i], items[i+1], &p)
		if err != nil {
			return nil, err
		}
		c.entries = append(c.entries, e)
	}
	c.text = unsafe.String(unsafe.SliceData(t.buf), len(t.buf))
	g.made += len(t.buf)
	members := c.entries
	c.entries = c.entries[:0]
	for _, e := range members {
		c.loadPickled(e)
	}
	return d, nil
}

// valueOf returns the value r. All that is made of one graph together is within the limit.
func (g *graph) valueOf(r ref) (Value, error) {
	limit := g.limit()
	t := texter{g: g, limit: limit}
	if err := t.value(r, &pickler{limit: limit}); err != nil {
		return Value{}, err
	}
	g.made += len(t.buf)
	text, format := string(t.buf), FormatJSON
	if text[0] == opProto {
		format = FormatPickle
	}
	return newValue(text, format), nil
}

// member appends the key and the value of a member.
func (t *texter) member(key, value ref, p *pickler) (e entry, err error) {
	from := uint32(len(t.buf))
	if t.g.nodes[key].kind != nodeStr {
		return e, errNotDict
	}
	name := t.g.bytes(key)
	switch {
	case len(t.buf)+len(name) > p.limit:
		return e, errShared
	case hasSurrogatePair(name): // a key that has no form in a Dict
		return e, errNotDict
	}
	if t.buf, err = appendQuoted(t.buf, name); err != nil {
		return e, err
	}
	e.key = span{from, uint32(len(t.buf))}
	err = t.value(value, p)
	e.value = span{e.key.to, uint32(len(t.buf))}
	return e, err
}

// value appends a value as JSON or, if that cannot hold it, as a pickle.
func (t *texter) value(r ref, p *pickler) (err error) {
	start, limit := len(t.buf), t.limit
	t.seen = nil
	t.limit = min(p.limit, max(t.limit, start+smallText))
	err = t.json(r, 1)
	t.limit = limit
	if err == nil {
		return nil
	}
	t.limit -= len(t.buf) - start // so that failed attempts are bounded, too
	p.buf = t.buf[:start]
	err = p.value(t.g, r)
	t.buf = p.buf
	return err
}

// value appends the pickle of a value, which is the same bytes wherever the value comes from.
func (p *pickler) value(g *graph, r ref) error {
	p.memoized = 0
	p.buf = append(p.buf, proto4...)
	err := p.graph(g, r)
	p.op(opStop)
	return err
}

// loadPickled adds a member of the text. A key that is there already keeps its place.
func (c *contents) loadPickled(e entry) {
	quoted := c.text[e.key.from:e.key.to]
	key := unquote(quoted)
	c.odd = c.odd || key != quoted[1:len(quoted)-1]
	if value := c.text[e.value.from:e.value.to]; value[0] == opProto {
		e.value = c.put(member{value: newValue(value, FormatPickle)})
	}
	if i := c.find(key); i >= 0 {
		c.entries[i].value = e.value
		return
	}
	c.add(e, key)
}
