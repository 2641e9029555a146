package serializer

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Unmarshal reads the JSON text data, which is Latin-1 as for Django, into the
// value that into points to. Which JSON value fits which Go type is as in
// encoding/json, with its interfaces and struct tags, except that:
//
//   - into an any go Python's types: an integer as int64, or *big.Int when it
//     does not fit; a float as float64, which is infinite if the number is
//     too large; so that writing it back gives the same type and value;
//   - Go's integers take integers only, not 1.0; its floats take both;
//   - a *big.Int or big.Int takes integers of any size; a [json.Number] any number,
//     as it is spelled, NaN and the infinities among them, but no string;
//   - a surrogate half alone in a string becomes the three bytes that UTF-8 would
//     give it, so that nothing is lost; such a Go string is not valid UTF-8;
//   - a time.Time, or a struct that embeds one and declares no UnmarshalJSON, takes the
//     dates of isoformat and str(datetime) as well as those of encoding/json: with a
//     blank for the T, without an offset, then in UTC, or without a time of day. An
//     offset of 0 gives UTC, another a fixed zone. As a map's key so does one, a pointer to
//     one, or a struct that embeds one and declares no UnmarshalText;
//   - a [json.RawMessage] and a json.Unmarshaler get the exact text, only that
//     a byte that is not ASCII, which Django never writes, is escaped as the
//     character that Django takes it for. The text may hold NaN and Infinity;
//   - an element of a slice never keeps what was there before.
//
// Text that is not JSON is a [*SyntaxError], and then into is as it was; a value that
// does not fit is a [*TypeError], and then into may have been set in part.
// Nesting beyond 10,000 levels is [ErrNesting]; where a
// value is not decoded, in a field that the struct lacks say, 100,000 are allowed.
func unmarshal(data []byte, into any) error {
	text := string(data)
	if err := valid(text); err != nil {
		return err
	}
	return decodeText(text, into, nil)
}

// Decode is [Unmarshal] for text that is known to be valid. A date without an offset is
// one in zone; nil is UTC.
func decodeText(text string, into any, zone *time.Location) error {
	d := decoder{text: text, pos: skipSpace(text, 0), zone: zone}
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return &TargetError{reflect.TypeOf(into)}
	}
	switch into := into.(type) { // the usual types, without reflection
	case *string:
		if d.next() == '"' {
			*into = unquoteCopy(d.token())
			return nil
		}
	case *bool:
		if c := d.next(); c == 't' || c == 'f' {
			*into = c == 't'
			return nil
		}
	case *int:
		if token := d.token(); kindOf(token) == Int {
			if n, err := strconv.Atoi(token); err == nil {
				*into = n
				return nil
			}
		}
		d.pos = skipSpace(text, 0)
	}
	return d.value(v, infoOf(v.Type()))
}

// decoder walks over a text that is known to be valid.
type decoder struct {
	text    string
	pos     int
	nesting int
	zone    *time.Location // of dates without an offset
}

func (d *decoder) next() byte { return d.text[d.pos] }

// kind is the kind of the value that comes next.
func (d *decoder) kind() Kind { return kindOf(d.text[d.pos:]) }

// token steps over the value that comes next and returns its text.
func (d *decoder) token() string {
	start := d.pos
	d.pos, _ = scanValue(d.text, start, readLimits)
	return d.text[start:d.pos]
}

// mismatch is the error for the value that comes next.
func (d *decoder) mismatch(t reflect.Type, why error) error {
	return &TypeError{Kind: d.kind(), Type: t, Err: why}
}

// value reads the value that comes next into what v leads to, which is of the
// type that info tells of.
func (d *decoder) value(v reflect.Value, info *typeInfo) error {
	null := d.next() == 'n'
	v, info, err := d.reach(v, info, null)
	if err != nil {
		return err
	}
	switch info.special {
	case specialNumber:
		return d.number(v)
	case specialBigInt:
		return d.bigInt(v)
	}
	if info.unmarshal == jsonMethod {
		if info.readsDate.found {
			return d.date(v, info)
		}
		return d.byMethod(v)
	}
	if null {
		d.token()
		switch v.Kind() {
		case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice:
			v.SetZero()
		}
		return nil
	}
	if info.unmarshal == textMethod {
		return d.byText(v)
	}
	switch c := d.next(); c {
	case '{':
		return d.object(v, info)
	case '[':
		return d.array(v)
	case '"':
		return d.string(v, info)
	case 't', 'f':
		return d.bool(v)
	default:
		return d.numeric(v)
	}
}

// reach follows pointers, and interfaces that hold pointers, to the value that
// is to be set, making what pointers lack. For null it stops at the last pointer,
// which will become nil.
func (d *decoder) reach(v reflect.Value, info *typeInfo, null bool) (reflect.Value, *typeInfo, error) {
	for range maxIndirections {
		switch v.Kind() {
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
			info = infoOf(v.Type())
			continue
		case reflect.Interface:
			e := v.Elem()
			if e.Kind() == reflect.Pointer && !e.IsNil() &&
				(!null || e.Elem().Kind() == reflect.Pointer) &&
				!(v.CanAddr() && e.Pointer() == v.Addr().Pointer()) { // not to itself
				v, info = e, infoOf(e.Type())
				continue
			}
		}
		if !v.CanSet() { // within an embedded struct that is not exported
			return v, &typeInfo{fields: info.fields}, nil
		}
		return v, info, nil
	}
	return v, nil, d.mismatch(v.Type(), ErrNesting)
}

func (d *decoder) byMethod(v reflect.Value) error {
	kind := d.kind()
	raw := d.token()
	err := v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(appendForGo(make([]byte, 0, len(raw)), raw))
	if err != nil {
		return &TypeError{Kind: kind, Type: v.Type(), Err: err, private: true}
	}
	return nil
}

func (d *decoder) byText(v reflect.Value) error {
	if d.next() != '"' {
		return d.mismatch(v.Type(), nil)
	}
	text := unquote(d.token())
	err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	if err != nil {
		return &TypeError{Kind: String, Type: v.Type(), Err: err, private: true}
	}
	return nil
}

func (d *decoder) string(v reflect.Value, info *typeInfo) error {
	switch {
	case v.Kind() == reflect.String:
		v.SetString(unquoteCopy(d.token()))
	case v.Kind() == reflect.Interface && v.NumMethod() == 0:
		v.Set(reflect.ValueOf(unquoteCopy(d.token())))
	case info.bytes:
		b, err := base64.StdEncoding.DecodeString(unquote(d.token()))
		if err != nil {
			return &TypeError{Kind: String, Type: v.Type(), Err: errBase64}
		}
		v.SetBytes(b)
	default:
		return d.mismatch(v.Type(), nil)
	}
	return nil
}

func (d *decoder) bool(v reflect.Value) error {
	switch {
	case v.Kind() == reflect.Bool:
		v.SetBool(d.token() == "true")
	case v.Kind() == reflect.Interface && v.NumMethod() == 0:
		v.Set(reflect.ValueOf(d.token() == "true"))
	default:
		return d.mismatch(v.Type(), nil)
	}
	return nil
}

func (d *decoder) number(v reflect.Value) error {
	switch d.kind() {
	case Int, Float:
		v.SetString(strings.Clone(d.token()))
	case Null:
		d.token()
	default:
		return d.mismatch(v.Type(), nil)
	}
	return nil
}

func (d *decoder) bigInt(v reflect.Value) error {
	switch d.kind() {
	case Int:
		n, err := bigInteger(d.token())
		if err != nil {
			return &TypeError{Kind: Int, Type: v.Type(), Err: err}
		}
		v.Addr().Interface().(*big.Int).Set(n)
	case Null:
		d.token()
	default:
		return d.mismatch(v.Type(), nil)
	}
	return nil
}

// numeric reads a number into a Go number or an empty interface.
func (d *decoder) numeric(v reflect.Value) error {
	kind := d.kind()
	token := d.token()
	switch {
	case v.CanInt() || v.CanUint():
		if kind != Int {
			return &TypeError{Kind: kind, Type: v.Type()}
		}
		if !setInteger(v, token) {
			return &TypeError{Kind: kind, Type: v.Type(), Err: errRange}
		}
	case v.CanFloat():
		f, ok := fitFloat(token, kind, v.Type().Bits())
		if !ok {
			return &TypeError{Kind: kind, Type: v.Type(), Err: errRange}
		}
		v.SetFloat(f)
	case v.Kind() == reflect.Interface && v.NumMethod() == 0:
		n, err := anyNumber(token, kind)
		if err != nil {
			return &TypeError{Kind: kind, Type: v.Type(), Err: err}
		}
		v.Set(reflect.ValueOf(n))
	default:
		return &TypeError{Kind: kind, Type: v.Type()}
	}
	return nil
}

// setInteger sets v, of one of Go's integer types, unless token does not fit it.
func setInteger(v reflect.Value, token string) bool {
	if v.CanInt() {
		n, err := strconv.ParseInt(token, 10, 64)
		if err != nil || v.OverflowInt(n) {
			return false
		}
		v.SetInt(n)
		return true
	}
	if token == "-0" { // 0 in Python
		token = "0"
	}
	n, err := strconv.ParseUint(token, 10, 64)
	if err != nil || v.OverflowUint(n) {
		return false
	}
	v.SetUint(n)
	return true
}

// fitFloat reads token as a float of so many bits. What is infinite for Python
// is infinite; what only becomes so by going into fewer bits, or by
// being an integer, does not fit.
func fitFloat(token string, kind Kind, bits int) (float64, bool) {
	f, err := strconv.ParseFloat(token, bits)
	if err == nil {
		return f, true
	}
	full := parseFloat(token)
	return full, kind == Float && math.IsInf(full, 0)
}

// anyNumber reads token as the Go value of its Python type.
func anyNumber(token string, kind Kind) (any, error) {
	if kind == Float {
		return parseFloat(token), nil
	}
	if n, err := strconv.ParseInt(token, 10, 64); err == nil {
		return n, nil
	}
	return bigInteger(token)
}

// bigInteger keeps to Python's bound, for Python's reason: the time that a longer
// one takes grows with the square of its length.
func bigInteger(token string) (*big.Int, error) {
	if len(strings.TrimPrefix(token, "-")) > maxDigits {
		return nil, ErrDigits
	}
	n, _ := new(big.Int).SetString(token, 10)
	return n, nil
}
