package serializer

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/djsession/djsession/internal/isodate"
)

// decodeText is Value.DecodeIn for a valid JSON text.
func decodeText(text string, into any, zone *time.Location) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return &TargetError{reflect.TypeOf(into)}
	}
	switch into := into.(type) { // the usual types, without reflection
	case *string:
		if text[0] == '"' {
			*into = unquoteCopy(text)
			return nil
		}
	case *bool:
		if text[0] == 't' || text[0] == 'f' {
			*into = text[0] == 't'
			return nil
		}
	case *int:
		if n, err := strconv.Atoi(text); err == nil {
			*into = n
			return nil
		}
	}
	d := decoder{text: text, zone: zone}
	return d.value(v, infoOf(v.Type()))
}

// decoder walks over a text that is known to be valid.
type decoder struct {
	text    string
	pos     int
	nesting int
	zone    *time.Location // of dates without an offset

	graph *graph // that the text stands for, or nil
	marks marks
}

func (d *decoder) next() byte { return d.text[d.pos] }

// kind returns the kind of the value that comes next.
func (d *decoder) kind() Kind {
	if m, ok := d.marks.at(d.pos); ok {
		return m.kind
	}
	return kindOf(d.text[d.pos:])
}

// token steps over the value that comes next and returns its text.
func (d *decoder) token() string {
	start := d.pos
	d.pos, _ = readLimits.scan(d.text, start)
	return d.text[start:d.pos]
}

// mismatch returns the error for the value that comes next.
func (d *decoder) mismatch(t reflect.Type, why error) error {
	return &TypeError{Kind: d.kind(), Type: t, Err: why}
}

// value reads the value that comes next into what v leads to. info describes v's type.
func (d *decoder) value(v reflect.Value, info *typeInfo) error {
	c := d.next()
	m, marked := d.marks.at(d.pos)
	v, info, err := d.reach(v, info, c == 'n' && !marked)
	if err != nil {
		return err
	}
	if marked {
		if done, err := d.marked(v, info, m); done || err != nil {
			return err
		}
	}
	way := info.decode
	if !v.CanSet() { // in an unexported embedded struct
		way = byKind
	}
	if c == 'n' && !marked && way != byJSONMethod {
		d.null(v)
		return nil
	}
	kind := v.Kind()
	switch way {
	case asDate:
		return d.date(v)
	case asNumber:
		return d.number(v)
	case asBigInt:
		return d.bigInt(v)
	case byJSONMethod:
		return d.unmarshaler(v)
	case byTextMethod:
		return d.textUnmarshaler(v)
	}
	switch { // the most frequent first
	case c == '"' && kind == reflect.String:
		v.SetString(unquoteCopy(d.token()))
		return nil
	case v.CanInt():
		return d.numeric(v)
	case kind == reflect.Interface && v.NumMethod() == 0:
		value, err := d.any()
		if err == nil {
			v.Set(reflect.ValueOf(value))
		}
		return err
	case c == '{' && kind == reflect.Struct:
		return d.structure(v, info)
	case c == '{' && kind == reflect.Map:
		return d.mapping(v)
	case c == '[' && (kind == reflect.Slice || kind == reflect.Array):
		return d.array(v)
	case c == '"' && info.bytes:
		b, err := base64.StdEncoding.DecodeString(unquote(d.token()))
		if err != nil {
			return &TypeError{Kind: String, Type: v.Type(), Err: errBase64}
		}
		v.SetBytes(b)
		return nil
	case (c == 't' || c == 'f') && kind == reflect.Bool:
		v.SetBool(d.token() == "true")
		return nil
	case v.CanUint() || v.CanFloat():
		return d.numeric(v)
	}
	return d.mismatch(v.Type(), nil)
}

// reach follows pointers, and interfaces that hold pointers, to the value that
// is to be set. It allocates what nil pointers need to point to. For null it
// stops at the last pointer, which will become nil.
func (d *decoder) reach(v reflect.Value, info *typeInfo, null bool) (reflect.Value, *typeInfo, error) {
	for range maxIndirections {
		switch v.Kind() {
		default:
			return v, info, nil
		case reflect.Interface:
			e := v.Elem()
			if e.Kind() != reflect.Pointer || e.IsNil() || null && e.Elem().Kind() != reflect.Pointer ||
				v.CanAddr() && e.Pointer() == v.Addr().Pointer() { // to itself
				return v, info, nil
			}
			v = e
		case reflect.Pointer:
			if null && v.CanSet() {
				return v, info, nil
			}
			if v.IsNil() {
				if !v.CanSet() {
					return v, nil, d.mismatch(v.Type(), errUnexported)
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		info = infoOf(v.Type())
	}
	return v, nil, d.mismatch(v.Type(), ErrNesting)
}

// null leaves most values as they are.
func (d *decoder) null(v reflect.Value) {
	d.pos += len(nullText)
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice:
		v.SetZero()
	}
}

func (d *decoder) unmarshaler(v reflect.Value) error {
	kind, raw := d.kind(), d.token()
	err := addressOf(v).(json.Unmarshaler).UnmarshalJSON(appendForGo(make([]byte, 0, len(raw)), raw))
	if err != nil {
		return &TypeError{Kind: kind, Type: v.Type(), Err: err, private: true}
	}
	return nil
}

func (d *decoder) textUnmarshaler(v reflect.Value) error {
	if d.next() != '"' {
		return d.mismatch(v.Type(), nil)
	}
	err := addressOf(v).(encoding.TextUnmarshaler).UnmarshalText([]byte(unquote(d.token())))
	if err != nil {
		return &TypeError{Kind: String, Type: v.Type(), Err: err, private: true}
	}
	return nil
}

func (d *decoder) date(v reflect.Value) error {
	if d.next() != '"' {
		return d.mismatch(timeType, nil)
	}
	t, err := isodate.ParseIn(unquote(d.token()), d.zone)
	if err != nil {
		return &TypeError{Kind: String, Type: timeType, Err: err}
	}
	*addressOf(v).(*time.Time) = t
	return nil
}

func (d *decoder) number(v reflect.Value) error {
	if kind := d.kind(); kind != Int && kind != Float {
		return d.mismatch(numberType, nil)
	}
	v.SetString(strings.Clone(d.token()))
	return nil
}

func (d *decoder) bigInt(v reflect.Value) error {
	if d.kind() != Int {
		return d.mismatch(bigIntType, nil)
	}
	n, err := bigInteger(d.token())
	if err != nil {
		return &TypeError{Kind: Int, Type: bigIntType, Err: err}
	}
	addressOf(v).(*big.Int).Set(n)
	return nil
}
