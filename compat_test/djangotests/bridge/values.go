package main

import (
	"errors"
	"strings"

	"github.com/djsession/djsession/serializer"
)

// fromPython decodes JSON text into the Go value that a program would use in its place,
// so that what is stored is spelled by Go and not by Python. A dict keeps its order.
func fromPython(text string) any {
	if strings.HasPrefix(text, "{") {
		return dictFromPython(text)
	}
	v := must(serializer.Parse([]byte(text)))
	var x any
	if err := v.Decode(&x); err != nil {
		fail("value: %v", err)
	}
	return x
}

func dictFromPython(text string) *serializer.Dict {
	d := new(serializer.Dict)
	for k, v := range must(serializer.JSON.Loads([]byte(text))).All() {
		d.Set(k, must(serializer.Encode(fromPython(string(v.Bytes())))))
	}
	return d
}

func toPython(v any) string { return string(must(serializer.Encode(v)).Bytes()) }

func dictToPython(d *serializer.Dict) string { return string(must(serializer.JSON.Dumps(d))) }

func list[T any](l []T) []T { return append([]T{}, l...) }

func found(v serializer.Value, ok bool) any {
	if !ok {
		return nil
	}
	return string(v.Bytes())
}

func ignore(err, what error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}
