package serializer

import (
	"errors"

	"github.com/djsession/djsession/internal/pyjson"
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

// AppendSerializer is a [Serializer] that can write into a buffer of the caller's.
type AppendSerializer interface {
	Serializer
	// AppendDumps appends to dst what Dumps returns. On an error it returns dst
	// as it was.
	AppendDumps(dst []byte, d *Dict) ([]byte, error)
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
// 100,000 levels of nesting are [ErrNesting]; otherwise the bounds that Python
// sets itself are not checked: what Django does not read any more, an integer of 5,000
// digits say, can still be read, and mended, here.
//
// Dumps gives back the very text that a Dict was loaded from while nothing in
// it changed; else the object without spaces between its members, each untouched
// key and value in the bytes it came in. The only error is a key that is not
// UTF-8.
var JSON AppendSerializer = jsonSerializer{}

type jsonSerializer struct{}

func (s jsonSerializer) Dumps(d *Dict) ([]byte, error) { return s.AppendDumps(nil, d) }

func (jsonSerializer) AppendDumps(dst []byte, d *Dict) ([]byte, error) {
	if d == nil {
		return append(dst, "{}"...), nil
	}
	if d.intact {
		return append(dst, d.text...), nil
	}
	return d.appendEntries(dst)
}

func (d *Dict) appendEntries(dst []byte) ([]byte, error) {
	size := len("{}")
	for i := range d.entries {
		if e := &d.entries[i]; e.end != hole {
			quoted := d.quoted(e)
			if quoted == "" {
				size += len(d.key(e)) + len(`""`)
			}
			size += len(quoted) + d.value(e).Size() + len(":,")
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
			if out, err = pyjson.AppendQuoted(out, d.key(e)); err != nil {
				return dst, errKey
			}
		}
		out = append(out, ':')
		out = d.value(e).AppendJSON(out)
	}
	return append(out, '}'), nil
}

var (
	errKey     = errors.New("a key of the session is not valid UTF-8")
	errTooLong = errors.New("a session's text must be shorter than 2 GiB")
)

func (jsonSerializer) Loads(data []byte) (*Dict, error) { return LoadText(string(data)) }

// LoadText is [JSON]'s Loads for a text that the Dict may keep, which saves a copy.
func LoadText(text string) (*Dict, error) {
	if len(text) > maxText {
		return nil, errTooLong
	}
	d := &Dict{text: text, intact: true}
	m := pyjson.Members{Text: text}
	for m.Next() {
		key := pyjson.Unquote(m.Key)
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
	case pyjson.ErrNotObject:
		return nil, ErrNotObject
	default:
		return nil, err
	}
}

// manyKeys is from how many on the keys to come are counted: their memory is then
// taken once, where doubling it would take three times as much.
const manyKeys = 512

// grow makes room for more entries of the text that rest has not walked over yet.
func (d *Dict) grow(rest pyjson.Members) {
	n := max(8, 2*len(d.entries))
	if len(d.entries) >= manyKeys {
		for n = len(d.entries) + 1; rest.Next(); n++ {
		}
		d.makeIndex(n)
	}
	d.entries = append(make([]entry, 0, n), d.entries...)
}
