package main

import (
	"fmt"
	"slices"
	"strings"

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
	a.say(fmt.Sprintf("JSON has no form for %s (%s), which stdout shows in a readable one; they stay as they are when other values are set", count(len(k), "value"), strings.Join(names, ", ")))
}

// readable returns a value as JSON: exactly as it is stored if it is JSON, else as JSON
// that a person can read.
func (k *kinds) readable(v serializer.Value) []byte {
	if v.Format() == serializer.FormatJSON {
		return v.Bytes()
	}
	*k = append(*k, v.Kind().String())
	var decoded any
	if v.Decode(&decoded) == nil {
		if encoded, err := serializer.Encode(decoded); err == nil && encoded.Format() == serializer.FormatJSON {
			return encoded.Bytes()
		}
	}
	return fmt.Appendf(nil, `"<%v>"`, v) // its kind and size
}

// readableDict returns a session as JSON, like readable.
func (k *kinds) readableDict(d *serializer.Dict) ([]byte, error) {
	readable := new(serializer.Dict)
	found := false
	for name, value := range d.All() {
		if value.Format() != serializer.FormatJSON {
			text := k.readable(value)
			parsed, err := serializer.Parse(text)
			if err != nil {
				return nil, err
			}
			value, found = parsed, true
		}
		readable.Set(name, value)
	}
	if !found {
		return serializer.JSON.Dumps(d) // exactly
	}
	return serializer.JSON.Dumps(readable)
}
