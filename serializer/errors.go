package serializer

import (
	"errors"
	"fmt"
	"reflect"
)

var (
	// ErrNotObject is the error for a text whose JSON is not an object.
	ErrNotObject = errors.New("the session's data is not a JSON object")
	// ErrNesting is in the error for values that are nested too deeply. A Go value
	// that contains itself gets it too.
	ErrNesting = errors.New("nested too deeply")
	// ErrDigits is in the error for integers of more than 4,300 digits.
	ErrDigits = errors.New("integer has more than 4300 digits")
	// ErrFormat is in the error for a [Value] that is not in the format to be written.
	ErrFormat = errors.New("the session holds a value that JSON has no form for, as only pickled sessions can")
)

// SyntaxError reports a text that is not JSON as Python reads it.
type SyntaxError struct {
	Offset int // in bytes: where reading stopped

	problem string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not JSON: %s at byte %d", e.problem, e.Offset)
}

// TypeError reports a value that does not fit a Go type. It does not hold the value.
type TypeError struct {
	Kind  Kind         // of the value
	Type  reflect.Type // that it does not fit
	Field string       // path of struct fields to the value, by JSON name; "" without structs
	Err   error        // why, if the types alone do not tell; may be nil

	key     bool // the value is the key of an object
	private bool // Err comes from a method of Type, so its text may quote the value
}

var (
	errRange      = errors.New("out of range")
	errBase64     = errors.New("not base64")
	errQuoted     = errors.New("the field's string option wants a literal within a JSON string")
	errUnexported = errors.New("an embedded pointer to an unexported struct cannot be set")
)

func (e *TypeError) Error() string {
	what := "a JSON " + e.Kind.String()
	switch {
	case e.Kind > Object:
		what = "a pickled " + e.Kind.String()
	case e.key:
		what = "an object's key"
	case e.Kind == Null:
		what = "JSON null"
	case e.Kind == Int:
		what = "a JSON integer"
	}
	text := fmt.Sprintf("cannot read %s into Go type %v", what, e.Type)
	if e.Field != "" {
		text += " (field " + e.Field + ")"
	}
	switch {
	case e.private:
		text += ": its unmarshal method returned an error"
	case e.Err != nil:
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err. If Err comes from a type's own method, Error leaves its text
// out, since it may quote the value.
func (e *TypeError) Unwrap() error { return e.Err }

// ValueError reports a Go value that JSON has no form for, or none that Python
// could read. It does not hold the value.
type ValueError struct {
	Type reflect.Type // that failed; it may be deep in the value
	Err  error        // why

	private bool // Err comes from a method of Type, so its text may quote the value
}

var (
	errNoForm       = errors.New("JSON has no form for it")
	errKeyType      = errors.New("a map's keys must be strings, integers or encoding.TextMarshalers")
	errNilKey       = errors.New("a nil interface as key")
	errDuplicateKey = errors.New("two keys of the map have the same text")
	errHidden       = errors.New("it is embedded but not exported, so its methods cannot be called")
	errNumber       = errors.New("not a JSON number")
	errUTF8         = errors.New("a string is not valid UTF-8")
)

func (e *ValueError) Error() string {
	reason := "its marshal method returned an error"
	if !e.private {
		reason = e.Err.Error()
	}
	return fmt.Sprintf("cannot write Go type %v as JSON: %s", e.Type, reason)
}

// Unwrap returns Err. If Err comes from a type's own method, Error leaves its text
// out, since it may quote the value.
func (e *ValueError) Unwrap() error { return e.Err }

// TargetError reports that [Value.Decode] was not given a pointer, or a nil one.
type TargetError struct {
	Type reflect.Type // nil for an untyped nil
}

func (e *TargetError) Error() string {
	return fmt.Sprintf("cannot decode into %v: give a non-nil pointer", e.Type)
}
