package serializer

// memberScan walks over the members of the object that a text consists of,
// validating the whole of it on the way, in one pass.
//
//	m := memberScan{Text: text}
//	for m.Next() {
//		use(m.Key, m.Value)
//	}
//	return m.Err()
//
// Nothing that Next gave may be relied on unless Err is nil at the end.
type memberScan struct {
	Text string // the JSON text, in Latin-1 as Django reads it

	Key   string // the member's key as it is spelled, in its quotes; see [Unquote]
	Value string // the member's value as it is spelled

	at      int // of the key
	pos     int // after the value
	started bool
	done    bool
	err     error
}

// Next goes to the next member. It returns false after the last one and when
// the text turns out to be wrong.
func (m *memberScan) Next() bool {
	if m.done {
		return false
	}
	if !m.started {
		m.started = true
		return m.first()
	}
	i := skipSpace(m.Text, m.pos)
	if i >= len(m.Text) {
		return m.end(&SyntaxError{i, "the text ends inside an object"})
	}
	switch m.Text[i] {
	case ',':
		return m.member(skipSpace(m.Text, i+1))
	case '}':
		return m.finish(i + 1)
	}
	return m.end(&SyntaxError{i, "expected a comma or the object's end"})
}

func (m *memberScan) first() bool {
	i := skipSpace(m.Text, 0)
	if i >= len(m.Text) || m.Text[i] != '{' {
		if err := valid(m.Text); err != nil {
			return m.end(err)
		}
		return m.end(ErrNotObject)
	}
	i = skipSpace(m.Text, i+1)
	if i < len(m.Text) && m.Text[i] == '}' {
		return m.finish(i + 1)
	}
	return m.member(i)
}

func (m *memberScan) member(i int) bool {
	keyEnd, value, err := scanKey(m.Text, i)
	if err != nil {
		return m.end(err)
	}
	end, err := scanValue(m.Text, value, limits{nesting: maxScanNesting - 1})
	if err != nil {
		return m.end(err)
	}
	m.Key, m.Value = m.Text[i:keyEnd], m.Text[value:end]
	m.at, m.pos = i, end
	return true
}

// Place returns where in Text the member begins and ends.
func (m *memberScan) Place() (start, end int) { return m.at, m.pos }

// ValueStart returns where the value of the member begins whose key's opening quote
// is text[i], in a text that is known to be valid.
func valueStart(text string, i int) int {
	_, value, _ := scanKey(text, i)
	return value
}

func (m *memberScan) finish(i int) bool {
	if i = skipSpace(m.Text, i); i != len(m.Text) {
		return m.end(&SyntaxError{i, "unexpected text after the value"})
	}
	return m.end(nil)
}

func (m *memberScan) end(err error) bool {
	m.Key, m.Value, m.done, m.err = "", "", true, err
	return false
}

// Err returns nil if the text was an object and all of it was walked over,
// [ErrNotObject] if it is valid but something else, and else what [Valid] says.
func (m *memberScan) Err() error { return m.err }
