package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/djsession/djsession/serializer"
)

// parseValue reads JSON in UTF-8, with Python's NaN and infinities, into a
// session's value: in ASCII and without blanks, numbers as they are spelled.
func parseValue(text []byte) (serializer.Value, error) {
	v, err := serializer.Encode(json.RawMessage(text))
	if unwritable, ok := errors.AsType[*serializer.ValueError](err); ok {
		err = unwritable.Err // of Go's types the user knows nothing
	}
	if _, ok := errors.AsType[*serializer.SyntaxError](err); ok {
		return v, err
	}
	if err != nil {
		return v, fmt.Errorf("not JSON that Django could read: %w", err)
	}
	return v, nil
}

// parseDict reads a JSON object like parseValue. Of a key that is there twice
// the last value counts.
func parseDict(text []byte) (*serializer.Dict, error) {
	v, err := parseValue(text)
	if err != nil {
		return nil, err
	}
	if v.Kind() != serializer.Object {
		return nil, errors.New("not a JSON object")
	}
	loaded, err := serializer.JSON.Loads(v.Bytes())
	if err != nil {
		return nil, err
	}
	// Set anew, the keys are written as Python would write them, each once.
	d := new(serializer.Dict)
	for key, value := range loaded.All() {
		d.Set(key, value)
	}
	return d, nil
}
