package serializer

import (
	"encoding"
	"math/big"
	"reflect"
	"strconv"

	"github.com/djsession/djsession/internal/isodate"
)

// enter steps over the bracket that comes next and the white space after it.
func (d *decoder) enter() error {
	if d.nesting++; d.nesting > maxDecodeNesting {
		return ErrNesting
	}
	d.pos = skipSpace(d.text, d.pos+1)
	return nil
}

// more steps over what stands between two elements. It returns false at the
// container's end, which it steps over too.
func (d *decoder) more() bool {
	d.pos = skipSpace(d.text, d.pos)
	switch d.next() {
	case ']', '}':
		d.pos++
		d.nesting--
		return false
	case ',':
		d.pos = skipSpace(d.text, d.pos+1)
	}
	return true
}

// key steps over a member's key and colon, and returns the key in its quotes.
func (d *decoder) key() string {
	start := d.pos
	end, value, _ := scanKey(d.text, start)
	d.pos = value
	return d.text[start:end]
}

func (d *decoder) array(v reflect.Value) error {
	if err := d.enter(); err != nil {
		return err
	}
	slice := v.Kind() == reflect.Slice
	if slice {
		v.SetLen(0)
	}
	info := infoOf(v.Type().Elem())
	n := 0
	for ; d.more(); n++ {
		if slice {
			if n == v.Cap() {
				v.Grow(1)
			}
			v.SetLen(n + 1)
			v.Index(n).SetZero()
		}
		if n >= v.Len() {
			d.token() // more than the array holds
			continue
		}
		if err := d.value(v.Index(n), info); err != nil {
			return err
		}
	}
	if slice && n == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	for ; n < v.Len(); n++ {
		v.Index(n).SetZero()
	}
	return nil
}

func (d *decoder) structure(v reflect.Value, info *typeInfo) error {
	if err := d.enter(); err != nil {
		return err
	}
	fields := info.fields()
	for d.more() {
		f := fields.find(unquote(d.key()))
		if f == nil {
			d.token()
			continue
		}
		if err := d.field(v, f); err != nil {
			if t, ok := err.(*TypeError); ok {
				if t.Field != "" {
					t.Field = "." + t.Field
				}
				t.Field = f.name + t.Field
			}
			return err
		}
	}
	return nil
}

// field reads the value that comes next into the field f of the struct v.
func (d *decoder) field(v reflect.Value, f *field) error {
	v, ok := f.in(v, true)
	switch {
	case !ok:
		return d.mismatch(v.Type(), errUnexported)
	case !f.asString || d.next() == 'n':
		return d.value(v, f.info)
	case d.next() != '"':
		return d.mismatch(v.Type(), errQuoted)
	}
	literal := unquote(d.token())
	if !isLiteral(literal) {
		return &TypeError{Kind: String, Type: v.Type(), Err: errQuoted}
	}
	inner := decoder{text: literal, zone: d.zone}
	return inner.value(v, f.info)
}

// isLiteral reports whether text is a value without brackets and nothing else.
func isLiteral(text string) bool {
	if text == "" {
		return false
	}
	end, err := readLimits.scanScalar(text, 0)
	return err == nil && end == len(text)
}

func (d *decoder) mapping(v reflect.Value) error {
	t := v.Type()
	keyInfo, info := infoOf(t.Key()), infoOf(t.Elem())
	if !keyInfo.textKey && !isKeyKind(t.Key().Kind()) {
		return d.mismatch(t, nil)
	}
	if err := d.enter(); err != nil {
		return err
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(t))
	}
	key, elem := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
	for d.more() {
		key.SetZero()
		if err := d.readKey(key, keyInfo, unquoteCopy(d.key())); err != nil {
			return err
		}
		elem.SetZero()
		if err := d.value(elem, info); err != nil {
			return err
		}
		v.SetMapIndex(key, elem)
	}
	return nil
}

// readKey sets a map's key to what text says.
func (d *decoder) readKey(key reflect.Value, info *typeInfo, text string) (err error) {
	failed := func(err error, private bool) error {
		return &TypeError{Kind: String, Type: key.Type(), Err: err, key: true, private: private}
	}
	switch {
	case key.Type() == timeType:
		t, err := isodate.ParseIn(text, d.zone)
		if err != nil {
			return failed(err, false)
		}
		key.Set(reflect.ValueOf(t))
	case info.textKey:
		if err := addressOf(key).(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
			return failed(err, true)
		}
	case key.Kind() == reflect.String:
		key.SetString(text)
	case text == "-0" || !isLiteral(text) || !setInteger(key, text): // two spellings of a key would lose a value
		return failed(nil, false)
	}
	return nil
}

// any reads the value that comes next as the Go value of its Python type.
func (d *decoder) any() (any, error) {
	if m, ok := d.marks.at(d.pos); ok {
		if value, done, err := d.anyMarked(m); done {
			return value, err
		}
	}
	switch d.next() {
	case '{':
		if err := d.enter(); err != nil {
			return nil, err
		}
		m := map[string]any{}
		for d.more() {
			key := unquoteCopy(d.key())
			value, err := d.any()
			if err != nil {
				return nil, err
			}
			m[key] = value
		}
		return m, nil
	case '[':
		if err := d.enter(); err != nil {
			return nil, err
		}
		list := []any{}
		for d.more() {
			value, err := d.any()
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	}
	token := d.token()
	kind := kindOf(token)
	switch kind {
	case Null:
		return nil, nil
	case Bool:
		return token == "true", nil
	case String:
		return unquoteCopy(token), nil
	case Float:
		return parseFloat(token), nil
	}
	if n, err := strconv.ParseInt(token, 10, 64); err == nil {
		return n, nil
	}
	n, err := bigInteger(token)
	if err != nil {
		return nil, &TypeError{Kind: kind, Type: reflect.TypeFor[*big.Int](), Err: err}
	}
	return n, nil
}
