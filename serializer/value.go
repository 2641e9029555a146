package serializer

import (
	"fmt"
	"log/slog"
	"reflect"
	"time"
	"unsafe"
)

// Value is one value of a session: the bytes that it came in, and their format. It
// is decoded only on request, and is written back as those bytes.
//
// The zero Value is null. A Value never changes, so it may be copied and used
// by several goroutines. Compare with [Value.Equal], not with ==.
type Value struct {
	data   *byte // a pointer, so that fmt cannot print the text; nil is null
	size   int
	format Format
}

const nullText = "null"

// newValue returns the Value with this text, which is valid in the format and has
// no white space around it.
func newValue(text string, format Format) Value {
	return Value{unsafe.StringData(text), len(text), format}
}

// text returns the stored bytes.
func (v Value) text() string {
	if v.data == nil {
		return nullText
	}
	return unsafe.String(v.data, v.size)
}

// Encode returns the Value that Python would write for the like value:
//
//	json.dumps(v, separators=(",", ":"))
//
// Go types become JSON as in encoding/json, with its interfaces and struct tags, with
// Python's types kept apart: float64(2) is 2.0 and int 2 is 2; NaN and the infinities
// are allowed; a *big.Int is an integer; a [encoding/json.Number] and a
// [encoding/json.RawMessage] keep their spelling. Map keys are sorted, and two of the
// same text are an error.
// A time.Time is written as datetime.isoformat writes it, "2026-03-01T12:00:00.123456+00:00",
// which datetime.fromisoformat reads in every Python; what is below a microsecond is cut off.
// A Value is taken as it is.
//
// What Django could not read back is an error: text that is not UTF-8, an
// integer of more than 4,300 digits ([ErrDigits]), more than 500 levels of
// nesting or a value that contains itself ([ErrNesting]), a date beyond the years 1
// to 9999, a func, a chan or a complex number. The error is a [*ValueError].
func Encode(v any) (Value, error) {
	switch v := v.(type) {
	case Value:
		return v.checked()
	case *Value:
		if v != nil {
			return v.checked()
		}
	}
	text, _, err := encodeText(v, false)
	if err != nil {
		return Value{}, err
	}
	return newValue(text, FormatJSON), nil
}

// checked returns v if Django could read it. A Value that came from a session may be
// beyond Python's limits.
func (v Value) checked() (Value, error) {
	if v.format != FormatJSON {
		return v, nil
	}
	if err := validate(v.text(), writeLimits); err != nil {
		return Value{}, &ValueError{Type: reflect.TypeFor[Value](), Err: err}
	}
	return v, nil
}

// Parse returns the Value of a JSON text, which is read as [JSON] reads it. It does not
// keep data.
func Parse(data []byte) (Value, error) {
	text := string(data)
	start := skipSpace(text, 0)
	end, err := readLimits.scan(text, start)
	if err == nil {
		err = checkEnd(text, end)
	}
	if err != nil {
		return Value{}, err
	}
	return newValue(text[start:end], FormatJSON), nil
}

// Decode reads the value into what into points to. JSON fits Go types as in
// encoding/json, with Python's types kept apart:
//
//   - into an any go bool, string, nil, []any, map[string]any; an integer as int64,
//     or *big.Int when it does not fit; a float as float64. Encoded again, each
//     has the type it had;
//   - Go's integers take integers only, not 1.0; its floats take both; a
//     *big.Int any integer of up to 4,300 digits; a [encoding/json.Number] any number,
//     as it is spelled;
//   - a lone surrogate in a string is kept as the three bytes that UTF-8 would use
//     for it, so such a Go string is not valid UTF-8. [Encode] takes it;
//   - a byte in a string that is not ASCII, which Django never writes, is a Latin-1
//     character, as for Django;
//   - a time.Time takes what isoformat and str write for a Python datetime or date,
//     and what encoding/json writes. Without an offset it is in UTC; see
//     [Value.DecodeIn];
//   - null leaves all but pointers, interfaces, maps and slices as they are.
//
// A value in [FormatPickle] is read in the same way, and besides:
//
//   - a tuple goes where a list does; a set there too, and into a map whose elements are
//     struct{} or bool;
//   - bytes go into a []byte only; a datetime or date into a time.Time or as text into a string;
//     a timedelta into a time.Duration only;
//   - a Decimal, a UUID and a time of day go where a JSON string does, so that types with an
//     UnmarshalText such as *big.Rat can read them; a UUID also into a [16]byte;
//   - an OrderedDict, a defaultdict and a Counter are dicts, a deque a list, a SafeString a
//     string;
//   - a dict with int keys goes into maps with integers or strings as keys;
//   - into an any go []any, []byte, time.Time, time.Duration, string and, for a dict with int
//     keys, map[int64]any;
//   - into a Value goes any part, unread.
//
// Other objects do not fit any type, even if they are deep inside. A datetime with a time zone
// has the zone's offset at that time; one whose zone is not known here does not fit.
//
// A value that does not fit is a [*TypeError]; into may then have been set in part.
// More than 10,000 levels of nesting are [ErrNesting]. An into that is not a pointer is
// a [*TargetError].
func (v Value) Decode(into any) error { return v.DecodeIn(into, time.UTC) }

// DecodeIn is [Value.Decode] with the time zone of dates that have no offset, as Python
// writes them under USE_TZ = False. An hour that the zone's clocks show twice is the
// first, as in Python. A nil zone is UTC.
func (v Value) DecodeIn(into any, zone *time.Location) error {
	return formats[v.format].decode(v.text(), into, zone)
}

// Bytes returns a copy of the stored bytes. In JSON they are what Django wrote, which
// other readers of JSON may refuse: NaN, -Infinity and Latin-1 are possible.
func (v Value) Bytes() []byte { return []byte(v.text()) }

// Format returns the format of the stored bytes.
func (v Value) Format() Format { return v.format }

// Kind returns the value's type in Python.
func (v Value) Kind() Kind { return formats[v.format].kind(v.text()) }

// IsNull reports whether the value is null, Python's None.
func (v Value) IsNull() bool { return v.Kind() == Null }

// Equal reports whether format and stored bytes are the same. Values that are equal
// to Python may be spelled in different ways.
func (v Value) Equal(w Value) bool { return v.format == w.format && v.text() == w.text() }

// String returns the kind and the size, never the value, which may be a secret.
func (v Value) String() string { return fmt.Sprintf("%v of %d bytes", v.Kind(), len(v.text())) }

// LogValue returns String, since slog would print what MarshalJSON returns.
func (v Value) LogValue() slog.Value { return slog.StringValue(v.String()) }

// MarshalJSON makes a Value part of other values. Bytes that are not ASCII become
// the escapes of the characters that Django reads them as. A value in another format
// than JSON is [ErrFormat].
func (v Value) MarshalJSON() ([]byte, error) {
	if v.format != FormatJSON {
		return nil, ErrFormat
	}
	return appendForGo(nil, v.text()), nil
}

// UnmarshalJSON keeps a copy of data, for decoding a value in part:
//
//	var cart map[string]serializer.Value
//	err := value.Decode(&cart)
//
// data is JSON in UTF-8, which becomes ASCII without white space.
func (v *Value) UnmarshalJSON(data []byte) error {
	text, err := appendRaw(nil, string(data), readLimits)
	if err == nil {
		*v = newValue(string(text), FormatJSON)
	}
	return err
}
