package serializer

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/djsession/djsession/internal/isodate"
)

// encoder writes Go values as JSON; see [Encode].
type encoder struct {
	buf     []byte
	nesting int // open arrays and objects
	hops    int // pointers and interfaces followed on the way here

	typed bool // marks say what [EncodePickle] writes in a form of its own
	marks marks
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

// maxKeptBuffer bounds the memory that an encoder keeps for the next value, in bytes.
const maxKeptBuffer = 256 << 10

func encodeText(v any, typed bool) (string, marks, error) {
	e := encoders.Get().(*encoder)
	defer func() {
		if cap(e.buf) <= maxKeptBuffer {
			encoders.Put(e)
		}
	}()
	*e = encoder{buf: e.buf[:0], typed: typed}
	if err := e.any(v); err != nil {
		return "", nil, err
	}
	return string(e.buf), e.marks, nil
}

// mark says of the value that comes next which one it is in Python.
func (e *encoder) mark(kind Kind) {
	if e.typed {
		e.marks = append(e.marks, mark{at: len(e.buf), kind: kind})
	}
}

func (e *encoder) word(w string) { e.buf = append(e.buf, w...) }

func (e *encoder) string(s string, t reflect.Type) (err error) {
	if e.buf, err = appendQuoted(e.buf, s); err != nil {
		return &ValueError{Type: t, Err: err}
	}
	return nil
}

// any writes values of the usual types without reflection.
func (e *encoder) any(v any) error {
	switch v := v.(type) {
	case nil:
		e.word(nullText)
	case bool:
		e.buf = strconv.AppendBool(e.buf, v)
	case int:
		e.buf = strconv.AppendInt(e.buf, int64(v), 10)
	case float64:
		e.buf = appendFloat(e.buf, v, 64)
	case string:
		return e.string(v, reflect.TypeFor[string]())
	case map[string]any:
		return e.stringMap(v)
	default:
		rv := reflect.ValueOf(v)
		return e.value(rv, infoOf(rv.Type()))
	}
	return nil
}

// value writes v. info describes its type.
func (e *encoder) value(v reflect.Value, info *typeInfo) error {
	if info.encode != byKind && !v.CanInterface() {
		return &ValueError{Type: v.Type(), Err: errHidden}
	}
	switch info.encode {
	case asDate:
		return e.date(v)
	case asNaive:
		return e.naive(v)
	case asDuration:
		e.mark(Duration)
	case asNumber:
		return e.number(v)
	case byJSONMethod:
		return e.marshaler(v)
	case byTextMethod:
		return e.textMarshaler(v)
	}
	switch v.Kind() {
	case reflect.Bool:
		e.buf = strconv.AppendBool(e.buf, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		e.buf = strconv.AppendInt(e.buf, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		e.buf = strconv.AppendUint(e.buf, v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		e.buf = appendFloat(e.buf, v.Float(), v.Type().Bits())
	case reflect.String:
		return e.string(v.String(), v.Type())
	case reflect.Array:
		return e.elements(v)
	case reflect.Struct:
		return e.structure(v, info)
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		switch {
		case v.IsNil():
			e.word(nullText)
		case v.Kind() == reflect.Interface && v.CanInterface():
			return e.any(v.Interface())
		case v.Kind() == reflect.Map:
			return e.mapping(v)
		case info.bytes:
			e.mark(Bytes)
			e.buf = append(e.buf, '"')
			e.buf = base64.StdEncoding.AppendEncode(e.buf, v.Bytes())
			e.buf = append(e.buf, '"')
		case v.Kind() == reflect.Slice:
			return e.elements(v)
		default:
			return e.follow(v)
		}
	default:
		return &ValueError{Type: v.Type(), Err: errNoForm}
	}
	return nil
}

// follow writes what a pointer or an interface leads to. It counts its steps,
// since a chain of pointers can lead to its own beginning.
func (e *encoder) follow(v reflect.Value) error {
	if e.hops++; e.hops > maxIndirections {
		return &ValueError{Type: v.Type(), Err: ErrNesting}
	}
	v = v.Elem()
	err := e.value(v, infoOf(v.Type()))
	e.hops--
	return err
}

func (e *encoder) date(v reflect.Value) error {
	e.mark(Date)
	text, err := isodate.AppendFormat(append(e.buf, '"'), *addressOf(v).(*time.Time))
	if err != nil {
		return &ValueError{Type: timeType, Err: err}
	}
	e.buf = append(text, '"')
	return nil
}

func (e *encoder) naive(v reflect.Value) error {
	t := time.Time(v.Interface().(NaiveTime))
	if y := t.Year(); y < 1 || y > 9999 {
		return &ValueError{Type: v.Type(), Err: isodate.ErrRange}
	}
	e.mark(Date)
	e.buf = append(isodate.AppendNaive(append(e.buf, '"'), t), '"')
	return nil
}

func (e *encoder) number(v reflect.Value) error {
	text := v.String()
	if text == "" {
		text = "0" // the zero Number, as in encoding/json
	}
	if err := checkNumber(text); err != nil {
		return &ValueError{Type: numberType, Err: err}
	}
	e.word(text)
	return nil
}

func (e *encoder) marshaler(v reflect.Value) error {
	raw, err := addressOf(v).(json.Marshaler).MarshalJSON()
	if err != nil {
		return &ValueError{Type: v.Type(), Err: err, private: true}
	}
	if e.buf, err = appendRaw(e.buf, string(raw), limits{maxWriteNesting - e.nesting, maxDigits}); err != nil {
		return &ValueError{Type: v.Type(), Err: err}
	}
	return nil
}

func (e *encoder) textMarshaler(v reflect.Value) error {
	text, err := addressOf(v).(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return &ValueError{Type: v.Type(), Err: err, private: true}
	}
	return e.string(string(text), v.Type())
}
