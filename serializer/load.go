package serializer

import "slices"

// LoadsText is Loads for a text that the Dict may keep, which saves a copy. Package
// django asks for it with a type assertion.
func (jsonSerializer) LoadsText(text string) (*Dict, error) {
	if uint64(len(text)) > maxText {
		return nil, errTooLong
	}
	d := newDict(contents{text: text, intact: true})
	c, i := *d.c, skipSpace(text, 0)
	if at(text, i) != '{' {
		if err := validate(text, readLimits); err != nil {
			return nil, err
		}
		return nil, ErrNotObject
	}
	i = skipSpace(text, i+1)
	more := at(text, i) != '}'
	if !more {
		i++
	}
	for more {
		var e entry
		var err error
		if e, i, more, err = scanMember(text, i); err != nil {
			return nil, err
		}
		c.load(e, i)
	}
	if err := checkEnd(text, i); err != nil {
		return nil, err
	}
	return d, nil
}

// scanMember checks the member of an object at text[i], and the comma or bracket after it. It returns where the next
// member begins or, if there are no more, where the object ends.
func scanMember(text string, i int) (e entry, next int, more bool, err error) {
	keyEnd, value, err := scanKey(text, i)
	if err != nil {
		return e, i, false, err
	}
	end, err := limits{nesting: readLimits.nesting - 1}.scan(text, value)
	if err != nil {
		return e, i, false, err
	}
	e = entry{span{uint32(i), uint32(keyEnd)}, span{uint32(value), uint32(end)}}
	i = skipSpace(text, end)
	switch at(text, i) {
	case ',':
		return e, skipSpace(text, i+1), true, nil
	case '}':
		return e, i + 1, false, nil
	}
	return e, i, false, notClosed(text, i, '}')
}

// countMembers returns how many members there are from text[i] on.
func countMembers(text string, i int) (n int) {
	for more := true; more; n++ {
		_, i, more, _ = scanMember(text, i)
	}
	return n
}

// manyKeys is the number of keys from which on the others are counted, to allocate their memory once.
const manyKeys = 64

// load adds a member of the text; the next one begins at text[next]. A key that is there already gets the value, and
// keeps its place and spelling.
func (c *contents) load(e entry, next int) {
	quoted := c.text[e.key.from:e.key.to]
	key := unquote(quoted)
	if key != quoted[1:len(quoted)-1] {
		c.odd = true
	}
	if i := c.find(key); i >= 0 {
		c.entries[i].value = e.value
		return
	}
	if n := len(c.entries); n >= manyKeys && n == cap(c.entries) {
		c.entries = slices.Grow(c.entries, 1+countMembers(c.text, next))
		c.makeIndex(cap(c.entries))
	}
	c.add(e, key)
}
