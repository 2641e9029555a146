package serializer

import (
	"errors"
)

// Serializer turns a session's dict into bytes and back: SESSION_SERIALIZER.
// It must be safe for concurrent use.
type Serializer interface {
	// Dumps returns the text of d. A nil d is an empty dict. It keeps no part of
	// d, and does not change it.
	Dumps(d *Dict) ([]byte, error)
	// Loads reads the text that Dumps or Django wrote. It does not keep data.
	Loads(data []byte) (*Dict, error)
}

// JSON is django.contrib.sessions.serializers.JSONSerializer.
//
// Loads takes what Django's
//
//	json.loads(data.decode("latin-1"))
//
// takes, and leaves the values in their bytes. Of a key that is there twice the last
// value counts, at the place of the first. A text that is not JSON is a
// [*SyntaxError]; one that is not an object is [ErrNotObject], and one of 2 GiB or
// more an error, too. More than
// 100,000 levels of nesting are [ErrNesting]; otherwise the limits that Python
// sets itself are not checked: what Django does not read any more, an integer of 5,000
// digits say, can still be read, and mended, here.
//
// Dumps gives back the very text that a Dict was loaded from while nothing in
// it changed; else the object without spaces between its members, each untouched
// key and value in the bytes it came in. The only error is a key that is not
// UTF-8.
var JSON Serializer = jsonSerializer{}

type jsonSerializer struct{}

func (jsonSerializer) Dumps(d *Dict) ([]byte, error) {
	if d == nil {
		return []byte("{}"), nil
	}
	if d.intact {
		return []byte(d.text), nil
	}
	return d.appendEntries(nil)
}

func (d *Dict) appendEntries(dst []byte) ([]byte, error) {
	size := len("{}")
	for i := range d.entries {
		if e := &d.entries[i]; e.end != hole {
			quoted := d.quoted(e)
			if quoted == "" {
				size += len(d.key(e)) + len(`""`)
			}
			size += len(quoted) + len(d.value(e).text()) + len(":,")
		}
	}
	out := dst
	if cap(out)-len(out) < size {
		out = append(make([]byte, 0, len(dst)+size), dst...)
	}
	out = append(out, '{')
	first := true
	for i := range d.entries {
		e := &d.entries[i]
		if e.end == hole {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		if quoted := d.quoted(e); quoted != "" {
			out = append(out, quoted...)
		} else {
			var err error
			if out, err = appendQuoted(out, d.key(e)); err != nil {
				return dst, errKey
			}
		}
		out = append(out, ':')
		value := d.value(e)
		if value.format != FormatJSON {
			return dst, ErrFormat
		}
		out = append(out, value.text()...)
	}
	return append(out, '}'), nil
}

var (
	errKey     = errors.New("a key of the session is not valid UTF-8")
	errTooLong = errors.New("a session's text must be shorter than 2 GiB")
)

func (s jsonSerializer) Loads(data []byte) (*Dict, error) { return s.LoadsText(string(data)) }

// LoadsText is Loads for a text that the Dict may keep, which saves a copy. Package
// django asks for it with a type assertion.
func (jsonSerializer) LoadsText(text string) (*Dict, error) {
	if len(text) > maxText {
		return nil, errTooLong
	}
	d := &Dict{text: text, intact: true}
	m := memberScan{Text: text}
	for m.Next() {
		key := unquote(m.Key)
		at, end := m.Place()
		e := entry{at: uint32(at), end: uint32(end)}
		if key != m.Key[1:len(m.Key)-1] {
			e.end |= isOdd
		}
		if i := d.find(key); i >= 0 {
			d.replace(&d.entries[i], e)
			continue
		}
		if len(d.entries) == cap(d.entries) {
			d.grow(m)
		}
		d.add(e, key)
	}
	switch err := m.Err(); err {
	case nil:
		return d, nil
	default:
		return nil, err
	}
}

// manyKeys is from how many on the keys to come are counted: their memory is then
// taken once, where doubling it would take three times as much.
const manyKeys = 512

// grow makes room for more entries of the text that rest has not walked over yet.
func (d *Dict) grow(rest memberScan) {
	n := max(8, 2*len(d.entries))
	if len(d.entries) >= manyKeys {
		for n = len(d.entries) + 1; rest.Next(); n++ {
		}
		d.makeIndex(n)
	}
	d.entries = append(make([]entry, 0, n), d.entries...)
}
