package serializer

import (
	"errors"
	"slices"
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
// takes, and does not decode the values. If a key is there twice, the last value
// counts, at the place of the first. A text that is not JSON is a [*SyntaxError], one
// that is not an object [ErrNotObject]. More than 100,000 levels of nesting are
// [ErrNesting]; Python's other limits are not checked: a session that Django cannot read
// any more, because of an integer of 5,000 digits say, can be read and repaired here.
//
// Dumps returns the very text that a Dict was loaded from while nothing in it has
// changed; else the object without spaces between its members, each untouched
// key and value in the bytes it came in. An error is a key that is not UTF-8, or a
// value in another format ([ErrFormat]).
var JSON Serializer = jsonSerializer{}

type jsonSerializer struct{}

var errKey = errors.New("a key of the session is not valid UTF-8")

func (s jsonSerializer) Dumps(d *Dict) ([]byte, error) { return s.AppendDumps(nil, d) }

// AppendDumps appends what Dumps returns to dst. Package django asks for it with a type assertion.
func (jsonSerializer) AppendDumps(dst []byte, d *Dict) ([]byte, error) {
	c := d.read()
	if c.intact {
		return append(dst, c.text...), nil
	}
	size := len(c.text) + len("{}")
	for _, m := range c.set {
		size += len(m.key) + len(m.value.text()) + len(`"":,`)
	}
	out := append(slices.Grow(dst, size), '{')
	for _, e := range c.entries {
		if e.key.from == isDeleted {
			continue
		}
		value := c.value(e)
		if value.format != FormatJSON {
			return nil, ErrFormat
		}
		if len(out) > len(dst)+1 {
			out = append(out, ',')
		}
		if e.key.from == isSet {
			var err error
			if out, err = appendQuoted(out, c.key(e)); err != nil {
				return nil, errKey
			}
		} else {
			out = append(out, c.text[e.key.from:e.key.to]...)
		}
		out = append(append(out, ':'), value.text()...)
	}
	return append(out, '}'), nil
}

func (s jsonSerializer) Loads(data []byte) (*Dict, error) { return s.LoadsText(string(data)) }
