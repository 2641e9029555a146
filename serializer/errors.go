package serializer

import (
	"errors"

	"github.com/djsession/djsession/internal/pyjson"
)

// TypeError says that a value has no place in a Go type. Its text names the types
// and the path of struct fields, never the value.
type TypeError = pyjson.TypeError

// ValueError says that a Go value has no form that Django could read. Its text
// names the type, never the value.
type ValueError = pyjson.ValueError

// SyntaxError says that a text is not JSON as Django reads it, and where.
type SyntaxError = pyjson.SyntaxError

// TargetError says that [Value.Decode] was not given a pointer.
type TargetError = pyjson.TargetError

var (
	// ErrNotObject is the error for a text whose JSON is not an object.
	ErrNotObject = errors.New("the session's data is not a JSON object")
	// ErrNesting is in the error for values that are nested too deeply.
	ErrNesting = pyjson.ErrNesting
	// ErrDigits is in the error for integers of more than 4,300 digits.
	ErrDigits = pyjson.ErrDigits
)
