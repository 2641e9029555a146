package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/djsession/djsession/serializer"
)

// kinds are the kinds of the values that JSON has no form for, which a command printed in a
// readable one.
type kinds []string

// note tells on stderr that some values are Python's. It does not name them: keys are data.
func (a *app) note(k kinds) {
	if len(k) == 0 {
		return
	}
	names := slices.Compact(slices.Sorted(slices.Values(k)))
	a.say(fmt.Sprintf("JSON has no form for %s (%s); they are printed in a readable form, and stay what they are when another value is set", count(len(k), "value"), strings.Join(names, ", ")))
}

// readable returns a value as JSON: exactly as it is stored if it is JSON, else as JSON
// that a person can read: a tuple or a set as an array, a date in ISO 8601, a duration in
// seconds, bytes in base64, a Decimal and a UUID as a string, and an object of another class
// as "<instance>".
func (k *kinds) readable(v serializer.Value) []byte {
	if v.Format() == serializer.FormatJSON {
		return v.Bytes()
	}
	kind := v.Kind()
	text := fmt.Appendf(nil, `"<%v>"`, kind)
	switch kind {
	case serializer.Array, serializer.Tuple, serializer.Set:
		var items []serializer.Value
		if v.Decode(&items) == nil {
			text = k.join("[", "]", len(items), func(i int) []byte { return k.readable(items[i]) })
		}
	case serializer.Object:
		var d serializer.Dict
		var byNumber map[int64]serializer.Value
		if v.Decode(&d) == nil {
			names := slices.Collect(d.Keys())
			text = k.join("{", "}", len(names), func(i int) []byte {
				member, _ := d.Get(names[i])
				return slices.Concat(quoted(names[i]), []byte(":"), k.readable(member))
			})
		} else if v.Decode(&byNumber) == nil {
			numbers := slices.Sorted(maps.Keys(byNumber))
			text = k.join("{", "}", len(numbers), func(i int) []byte {
				return slices.Concat(quoted(strconv.FormatInt(numbers[i], 10)), []byte(":"), k.readable(byNumber[numbers[i]]))
			})
		}
	case serializer.Duration:
		var d time.Duration
		if v.Decode(&d) == nil {
			text = strconv.AppendFloat(nil, d.Seconds(), 'f', -1, 64)
		}
	case serializer.Bytes:
		var b []byte
		if v.Decode(&b) == nil {
			text = encoded(b)
		}
	default:
		var s string
		var other any
		if v.Decode(&s) == nil {
			text = quoted(s)
		} else if v.Decode(&other) == nil {
			text = encoded(other)
		}
	}
	if kind > serializer.Object || bytes.HasPrefix(text, []byte(`"<`)) {
		*k = append(*k, kind.String())
	}
	return text
}

// readableDict returns a session as JSON, like readable.
func (k *kinds) readableDict(d *serializer.Dict) ([]byte, error) {
	for v := range d.Values() {
		if v.Format() != serializer.FormatJSON {
			names := slices.Collect(d.Keys())
			return k.join("{", "}", len(names), func(i int) []byte {
				member, _ := d.Get(names[i])
				return slices.Concat(quoted(names[i]), []byte(":"), k.readable(member))
			}), nil
		}
	}
	return serializer.JSON.Dumps(d) // exactly
}

// join returns an array or an object of n members.
func (k *kinds) join(open, end string, n int, member func(i int) []byte) []byte {
	text := []byte(open)
	for i := range n {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, member(i)...)
	}
	return append(text, end...)
}

func quoted(s string) []byte { return encoded(s) }

// encoded returns a value as Python would write it as JSON.
func encoded(v any) []byte {
	e, err := serializer.Encode(v)
	if err != nil {
		return []byte(`"<?>"`) // no text that Python has
	}
	return e.Bytes()
}
