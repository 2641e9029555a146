package serializer

// LoadsText is Loads for a text that the Dict may keep, which saves a copy. Package
// django asks for it with a type assertion.
func (jsonSerializer) LoadsText(text string) (*Dict, error) {
	if uint64(len(text)) > maxText {
		return nil, errTooLong
	}
	d := newDict(contents{text: text, intact: true, entries: make([]entry, 0, 8)})
	c, i := *d.c, skipSpace(text, 0)
	if at(text, i) != '{' {
		if err := validate(text, readLimits); err != nil {
			return nil, err
		}
		return nil, ErrNotObject
	}
	inner := limits{nesting: readLimits.nesting - 1}
	for i = skipSpace(text, i+1); ; i = skipSpace(text, i+1) {
		if len(c.entries) == 0 && at(text, i) == '}' {
			break
		}
		keyEnd, value, err := scanKey(text, i)
		if err != nil {
			return nil, err
		}
		end, err := inner.scan(text, value)
		if err != nil {
			return nil, err
		}
		c.load(entry{span{uint32(i), uint32(keyEnd)}, span{uint32(value), uint32(end)}})
		i = skipSpace(text, end)
		if at(text, i) == '}' {
			break
		}
		if at(text, i) != ',' {
			return nil, notClosed(text, i, '}')
		}
	}
	if err := checkEnd(text, i+1); err != nil {
		return nil, err
	}
	return d, nil
}

// load adds a member of the text. A key that is there already gets the value, and keeps
// its place and spelling.
func (c *contents) load(e entry) {
	quoted := c.text[e.key.from:e.key.to]
	key := unquote(quoted)
	if key != quoted[1:len(quoted)-1] {
		c.odd = true
	}
	if i := c.find(key); i >= 0 {
		c.entries[i].value = e.value
		return
	}
	c.add(e, key)
}
