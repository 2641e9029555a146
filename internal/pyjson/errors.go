package pyjson

import (
	"errors"
	"fmt"
	"reflect"
)

// Limits on what is written, so that Python can read it back.
const (
	// MaxNesting is how many arrays and objects may stand inside each other
	// in a value that is written. Python gives up near 1,000, the frames of
	// the program around it included.
	MaxNesting = 500
	// MaxDigits is how many digits an integer that is written may have. It
	// is the default of Python's sys.set_int_max_str_digits.
	MaxDigits = 4300
)

const (
	maxScanNesting   = 100_000 // texts nested deeper are refused when read
	maxDecodeNesting = 10_000  // values nested deeper are not decoded into Go values
	maxIndirections  = 10_000  // pointers and interfaces on the way to one value
)

var (
	// ErrNesting is in the error for values that are nested too deeply. A Go
	// value that contains itself gets it too.
	ErrNesting = errors.New("nested too deeply")
	// ErrDigits is in the error for integers with more than [MaxDigits] digits.
	ErrDigits = errors.New("integer has more than 4300 digits")
	// ErrNotObject is the error of [Members] for valid texts of another kind.
	ErrNotObject = errors.New("the JSON text is not an object")
)

// SyntaxError says that a text is not JSON as Python's json module reads it.
type SyntaxError struct {
	Offset int // in bytes: where reading stopped

	problem string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not JSON: %s at byte %d", e.problem, e.Offset)
}

// TypeError says that a JSON value has no place in a Go type. It never holds
// the value.
type TypeError struct {
	Kind  Kind         // what stands in the JSON text
	Type  reflect.Type // the Go type that it should have gone into
	Field string       // path of struct fields from the target to the value, by JSON name; "" without structs
	Err   error        // why, when the types alone do not say it; may be nil

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
	what := e.Kind.article()
	if e.key {
		what = "an object's key"
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

// Unwrap returns Err. The text of an error that comes from an Unmarshaler is
// not part of Error's, since it may quote the value; it can be had here.
func (e *TypeError) Unwrap() error { return e.Err }

// ValueError says that a Go value has no JSON form that Python could read
// back. It never holds the value.
type ValueError struct {
	Type reflect.Type // the Go type that failed, maybe deep in the value
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

// Unwrap returns Err. The text of an error that comes from a Marshaler is not
// part of Error's, since it may quote the value; it can be had here.
func (e *ValueError) Unwrap() error { return e.Err }

// TargetError says that a value cannot be decoded into what the caller gave:
// it must be a pointer, and not nil.
type TargetError struct {
	Type reflect.Type // nil for an untyped nil
}

func (e *TargetError) Error() string {
	if e.Type == nil {
		return "cannot decode into nil: give a non-nil pointer"
	}
	if e.Type.Kind() != reflect.Pointer {
		return fmt.Sprintf("cannot decode into Go type %v: give a non-nil pointer", e.Type)
	}
	return fmt.Sprintf("cannot decode into a nil %v: give a non-nil pointer", e.Type)
}
