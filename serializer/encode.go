package serializer

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"reflect"
	"strconv"
	"time"
)

// Marshal returns the JSON text of v. See [Append].
func marshal(v any) ([]byte, error) { return appendJSON(nil, v) }

// Append appends to dst what Python's
//
//	json.dumps(v, separators=(",", ":"))
//
// writes for the like value. Which Go value stands for which JSON value is as in
// encoding/json, with its interfaces and struct tags, except that:
//
//   - a float is a float in Python too: 2.0 is written "2.0". NaN and the
//     infinities have their Python names;
//   - a time.Time, or a struct that embeds one and declares no MarshalJSON, is written
//     as datetime.isoformat writes it, for any Python's fromisoformat: with six digits
//     of microseconds or none, and the offset as +00:00, never as Z. Python has the
//     years 1 to 9999, and offsets of less than a day. As a map's key so is one, or a
//     struct that embeds one and declares no MarshalText;
//   - a *big.Int or big.Int is an integer; a [json.Number] keeps its spelling,
//     and may be one of Python's three names;
//   - what a json.Marshaler returns, and a [json.RawMessage], may hold those
//     names too, and becomes ASCII without white space, its numbers and escapes
//     kept as they are spelled;
//   - methods of a pointer type count for values that have no address as well;
//   - text that is not UTF-8 is an error. Surrogate halves are not, in the form
//     that [Unmarshal] gives them;
//   - two keys of a map that have the same text are an error.
//
// Nesting beyond [maxWriteNesting], and so a value that contains itself, and
// integers beyond [maxDigits] are errors: Python could not read them back.
//
// The error is a [*ValueError], and dst is returned as it was.
func appendJSON(dst []byte, v any) ([]byte, error) {
	e := encoder{buf: dst}
	if err := e.any(v); err != nil {
		return dst, err
	}
	return e.buf, nil
}

type encoder struct {
	buf     []byte
	nesting int // open arrays and objects
	hops    int // pointers and interfaces followed on the way here
}

// any writes the usual types without reflection.
func (e *encoder) any(v any) (err error) {
	switch v := v.(type) {
	case nil:
		e.word("null")
	case bool:
		e.bool(v)
	case string:
		return e.string(v, stringType)
	case int:
		e.buf = strconv.AppendInt(e.buf, int64(v), 10)
	case int64:
		e.buf = strconv.AppendInt(e.buf, v, 10)
	case float64:
		e.buf = appendFloat(e.buf, v, 64)
	case time.Time:
		return e.date(v, timeType)
	case map[string]any:
		return e.stringMap(v)
	case []any:
		if v == nil {
			e.word("null")
			return nil
		}
		if err = e.enter('[', anySliceType); err != nil {
			return err
		}
		for i, elem := range v {
			if i > 0 {
				e.buf = append(e.buf, ',')
			}
			if err := e.any(elem); err != nil {
				return err
			}
		}
		e.leave(']')
	default:
		rv := reflect.ValueOf(v)
		return e.value(rv, infoOf(rv.Type()))
	}
	return nil
}

var (
	stringType   = reflect.TypeFor[string]()
	anySliceType = reflect.TypeFor[[]any]()
	anyMapType   = reflect.TypeFor[map[string]any]()
)

func (e *encoder) word(w string) { e.buf = append(e.buf, w...) }

func (e *encoder) bool(b bool) { e.buf = strconv.AppendBool(e.buf, b) }

func (e *encoder) string(s string, t reflect.Type) (err error) {
	if e.buf, err = appendQuoted(e.buf, s); err != nil {
		return &ValueError{Type: t, Err: err}
	}
	return nil
}

// value writes v, which is of the type that info tells of.
func (e *encoder) value(v reflect.Value, info *typeInfo) error {
	if info.special == specialNumber {
		return e.number(v.String())
	}
	if info.special == specialBigInt || info.marshal != noMethod {
		if info.writesDate.found {
			return e.dateIn(v, info)
		}
		if !v.CanInterface() {
			return &ValueError{Type: v.Type(), Err: errHidden}
		}
		return e.byMethod(v, info)
	}
	switch v.Kind() {
	case reflect.Bool:
		e.bool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.buf = strconv.AppendInt(e.buf, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		e.buf = strconv.AppendUint(e.buf, v.Uint(), 10)
	case reflect.Float32:
		e.buf = appendFloat(e.buf, v.Float(), 32)
	case reflect.Float64:
		e.buf = appendFloat(e.buf, v.Float(), 64)
	case reflect.String:
		return e.string(v.String(), v.Type())
	case reflect.Pointer, reflect.Interface:
		return e.follow(v)
	case reflect.Struct:
		return e.structure(v, info)
	case reflect.Map:
		return e.mapping(v)
	case reflect.Slice:
		if v.IsNil() {
			e.word("null")
			return nil
		}
		if info.bytes {
			e.buf = append(e.buf, '"')
			e.buf = base64.StdEncoding.AppendEncode(e.buf, v.Bytes())
			e.buf = append(e.buf, '"')
			return nil
		}
		return e.elements(v)
	case reflect.Array:
		return e.elements(v)
	default:
		return &ValueError{Type: v.Type(), Err: errNoForm}
	}
	return nil
}

// follow writes what a pointer or an interface leads to. It counts its steps,
// since a chain of pointers can lead to its own beginning.
func (e *encoder) follow(v reflect.Value) error {
	if v.IsNil() {
		e.word("null")
		return nil
	}
	if e.hops++; e.hops > maxIndirections {
		return &ValueError{Type: v.Type(), Err: ErrNesting}
	}
	v = v.Elem()
	err := e.value(v, infoOf(v.Type()))
	e.hops--
	return err
}

func (e *encoder) number(text string) error {
	if text == "" {
		text = "0" // the zero Number, as in encoding/json
	}
	if err := checkNumber(text); err != nil {
		return &ValueError{Type: numberType, Err: err}
	}
	e.word(text)
	return nil
}

func (e *encoder) bigInt(n *big.Int) (err error) {
	if e.buf, err = appendBigInt(e.buf, n); err != nil {
		return &ValueError{Type: bigIntType, Err: err}
	}
	return nil
}

func (e *encoder) byMethod(v reflect.Value, info *typeInfo) error {
	if info.special == specialBigInt {
		return e.bigInt(addressable(v).Addr().Interface().(*big.Int))
	}
	t := v.Type()
	if info.byPointer {
		v = addressable(v).Addr()
	}
	if info.marshal == textMethod {
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil {
			return &ValueError{Type: t, Err: err, private: true}
		}
		return e.string(string(text), t)
	}
	raw, err := v.Interface().(json.Marshaler).MarshalJSON()
	if err != nil {
		return &ValueError{Type: t, Err: err, private: true}
	}
	if e.buf, err = appendRaw(e.buf, string(raw), limits{maxWriteNesting - e.nesting, maxDigits}); err != nil {
		return &ValueError{Type: t, Err: err}
	}
	return nil
}
