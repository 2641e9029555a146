package serializer

import (
	"fmt"
	"log/slog"
	"reflect"
	"time"

	"github.com/djsession/djsession/internal/pyjson"
)

// Kind is the type that a value has in Python, as far as JSON can tell.
type Kind = pyjson.Kind

// The kinds. A number is an Int or a Float by how it is written: 1 is an Int;
// 1.0, 1e5, NaN and Infinity are Floats.
const (
	Null   = pyjson.Null
	Bool   = pyjson.Bool
	Int    = pyjson.Int
	Float  = pyjson.Float
	String = pyjson.String
	Array  = pyjson.Array
	Object = pyjson.Object
)

// Value is one value of a session. It stays in the bytes that it came in until
// it is decoded, and is written back as those bytes.
//
// The zero Value is null. A Value never changes, so it may be copied and used
// by several goroutines. Compare with [Value.Equal], not with ==.
type Value struct {
	text string // valid JSON without white space around it; "" is null
}

const nullText = "null"

func (v Value) json() string {
	if v.text == "" {
		return nullText
	}
	return v.text
}

// Encode makes the Value that Python would have made of the like value:
//
//	json.dumps(v, separators=(",", ":"))
//
// Which Go value stands for which JSON value is as in encoding/json, with its
// interfaces and struct tags, with Python's types kept apart: float64(2) is 2.0
// and int 2 is 2; NaN and the infinities are allowed; a *big.Int is an integer; a
// [encoding/json.Number] and a [encoding/json.RawMessage] keep their spelling. Map keys are sorted.
// A time.Time is a string as datetime.isoformat writes it, "2026-03-01T12:00:00.123456+00:00",
// which datetime.fromisoformat reads in every Python: session data has no type for dates, and
// what Python has no digits for, below a microsecond, is cut off.
// A Value is taken as it is.
//
// What Django could not read back is an error: text that is not UTF-8, an
// integer of more than 4,300 digits ([ErrDigits]), more than 500 levels of
// nesting ([ErrNesting]; a value that contains itself has them too), a func, a
// chan or a complex number. The error is a [*ValueError] and does not tell the
// value.
func Encode(v any) (Value, error) {
	switch v := v.(type) {
	case Value:
		return v.checked()
	case *Value:
		if v != nil {
			return v.checked()
		}
	}
	text, err := pyjson.Marshal(v)
	if err != nil {
		return Value{}, err
	}
	return Value{string(text)}, nil
}

// checked returns v if Django could read it. A Value that came from a session
// need not be so.
func (v Value) checked() (Value, error) {
	if err := pyjson.CheckWritable(v.json()); err != nil {
		return Value{}, &ValueError{Type: reflect.TypeFor[Value](), Err: err}
	}
	return v, nil
}

// Decode reads the value into what into points to. Which JSON value fits which
// Go type is as in encoding/json, with Python's types kept apart:
//
//   - into an any go bool, string, nil, []any, map[string]any; an integer as int64,
//     or *big.Int when it does not fit; a float as float64. Encoded again, each
//     has the type it had;
//   - Go's integers take integers only, not 1.0; its floats take both; a
//     [encoding/json.Number] keeps the spelling;
//   - a surrogate half alone in a string is kept as the three bytes that UTF-8
//     would give it, so such a Go string is not valid UTF-8. [Encode] takes it;
//   - a byte in a string that is not ASCII, which Django never writes, is the Latin-1
//     character that Django takes it for;
//   - a time.Time takes what isoformat and str write for a datetime or a date of
//     Python's, and what encoding/json writes. Without an offset it is in UTC; see
//     [Value.DecodeIn];
//   - null leaves all but pointers, interfaces, maps and slices as they are.
//
// A value that does not fit is a [*TypeError], which does not tell the value; into
// may then have been set in part. More than 10,000 levels of nesting are
// [ErrNesting]. An into that is no pointer is a [*TargetError].
func (v Value) Decode(into any) error { return v.DecodeIn(into, time.UTC) }

// DecodeIn is [Value.Decode] with the zone of dates that have no offset, as Python
// writes them under USE_TZ = False. In an hour that the zone's clocks show twice the
// first is meant, as in Python. A nil zone is UTC.
func (v Value) DecodeIn(into any, zone *time.Location) error {
	return pyjson.Decode(v.json(), into, zone)
}

// JSON returns a copy of the stored bytes. They are what Django wrote, and
// thus may be no JSON for others: NaN, -Infinity, and bytes of Latin-1 are
// possible.
func (v Value) JSON() []byte { return []byte(v.json()) }

// AppendJSON appends to dst what [Value.JSON] returns.
func (v Value) AppendJSON(dst []byte) []byte { return append(dst, v.json()...) }

// Size is the length of the stored bytes.
func (v Value) Size() int { return len(v.json()) }

// Kind tells the value's type in Python.
func (v Value) Kind() Kind { return pyjson.KindOf(v.text) }

// IsNull says whether the value is null, Python's None.
func (v Value) IsNull() bool { return v.Kind() == Null }

// Equal says whether the stored bytes are the same. Values that are equal to
// Python may be spelled in different ways.
func (v Value) Equal(w Value) bool { return v.json() == w.json() }

// String tells the kind and the size, never the value: a session's values may
// be secrets, and this is what logs print. See [Value.JSON].
func (v Value) String() string {
	return fmt.Sprintf("%v of %d bytes", v.Kind(), v.Size())
}

// LogValue does for slog what String does for fmt.
func (v Value) LogValue() slog.Value { return slog.StringValue(v.String()) }

// GoString is [Value.String], for %#v.
func (v Value) GoString() string { return "serializer.Value(" + v.String() + ")" }

// MarshalJSON lets a Value stand within other values. Bytes that are not ASCII
// come out as the escapes of the characters that Django takes them for.
func (v Value) MarshalJSON() ([]byte, error) {
	return pyjson.AppendForGo(nil, v.json()), nil
}

// UnmarshalJSON keeps a copy of data, for decoding a value in part:
//
//	var cart map[string]serializer.Value
//	err := value.Decode(&cart)
//
// data is JSON in UTF-8, which becomes ASCII without white space.
func (v *Value) UnmarshalJSON(data []byte) error {
	text, err := pyjson.Compact(data)
	if err != nil {
		return err
	}
	v.text = string(text)
	return nil
}
