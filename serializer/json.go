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
// [*SyntaxError]; one that is not an object is [ErrNotObject]. More than
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
	if d.source != "" {
		return append(dst, d.source...), nil
	}
	return appendEntries(dst, d.entries)
}

func appendEntries(dst []byte, entries []entry) ([]byte, error) {
	size := len("{}")
	for i := range entries {
		e := &entries[i]
		size += max(len(e.quoted), len(e.key)+2) + e.value.Size() + len(":,")
	}
	out := dst
	if cap(out)-len(out) < size {
		out = append(make([]byte, 0, len(dst)+size), dst...)
	}
	out = append(out, '{')
	first := true
	for i := range entries {
		e := &entries[i]
		if e.deleted {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		if e.quoted != "" {
			out = append(out, e.quoted...)
		} else {
			var err error
			if out, err = pyjson.AppendQuoted(out, e.key); err != nil {
				return dst, errKey
			}
		}
		out = append(out, ':')
		out = e.value.AppendJSON(out)
	}
	return append(out, '}'), nil
}

var errKey = errors.New("a key of the session is not valid UTF-8")

func (jsonSerializer) Loads(data []byte) (*Dict, error) {
	d := &Dict{source: string(data)}
	m := pyjson.Members{Text: d.source}
	for m.Next() {
		key, value := pyjson.Unquote(m.Key), Value{m.Value}
		if i := d.find(key); i >= 0 {
			d.entries[i].value = value
			continue
		}
		if d.entries == nil {
			d.entries = make([]entry, 0, 8)
		}
		d.add(entry{key: key, quoted: m.Key, value: value})
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
