package serializer

import (
	"encoding"
	"math/big"
	"reflect"
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
func (d *decoder) more(first bool) bool {
	d.pos = skipSpace(d.text, d.pos)
	switch d.next() {
	case ']', '}':
		d.pos++
		d.nesting--
		return false
	case ',':
		if !first {
			d.pos = skipSpace(d.text, d.pos+1)
		}
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
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
	case reflect.Interface:
		if v.NumMethod() == 0 {
			return d.setAny(v)
		}
		fallthrough
	default:
		return d.mismatch(v.Type(), nil)
	}
	if err := d.enter(); err != nil {
		return err
	}
	slice := v.Kind() == reflect.Slice
	info := infoOf(v.Type().Elem())
	n := 0
	for ; d.more(n == 0); n++ {
		if slice {
			if n == 0 {
				v.SetLen(0)
			}
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
	switch {
	case slice && n == 0:
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	case !slice:
		for ; n < v.Len(); n++ {
			v.Index(n).SetZero()
		}
	}
	return nil
}

func (d *decoder) object(v reflect.Value, info *typeInfo) error {
	switch v.Kind() {
	case reflect.Struct:
		return d.structure(v, info)
	case reflect.Map:
		return d.mapping(v)
	case reflect.Interface:
		if v.NumMethod() == 0 {
			return d.setAny(v)
		}
	}
	return d.mismatch(v.Type(), nil)
}

func (d *decoder) structure(v reflect.Value, info *typeInfo) error {
	if err := d.enter(); err != nil {
		return err
	}
	fields := info.fields()
	for first := true; d.more(first); first = false {
		f := fields.byName(unquote(d.key()))
		if f == nil {
			d.token()
			continue
		}
		if err := d.field(v, f); err != nil {
			if t, ok := err.(*TypeError); ok {
				t.Field = joinField(f.name, t.Field)
			}
			return err
		}
	}
	return nil
}

func joinField(outer, inner string) string {
	if inner == "" {
		return outer
	}
	return outer + "." + inner
}

// field reads the value that comes next into the field f of the struct v,
// making the embedded structs on the way.
func (d *decoder) field(v reflect.Value, f *field) error {
	for i, index := range f.path {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !v.CanSet() {
					return d.mismatch(v.Type(), errUnexported)
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(index)
	}
	if !f.asString {
		return d.value(v, f.info)
	}
	return d.quotedValue(v, f.info)
}

// quotedValue reads a field that has the string option: the string that comes
// next holds a literal. Like writing, it ignores the option for a type that has a
// method of its own.
func (d *decoder) quotedValue(v reflect.Value, info *typeInfo) error {
	target := info
	if v.Kind() == reflect.Pointer {
		target = infoOf(v.Type().Elem())
	}
	if target.unmarshal != noMethod {
		return d.value(v, info)
	}
	switch d.next() {
	case 'n':
		return d.value(v, info)
	case '"':
	default:
		return d.mismatch(v.Type(), errQuoted)
	}
	literal := unquote(d.token())
	if !isLiteral(literal) {
		return &TypeError{Kind: String, Type: v.Type(), Err: errQuoted}
	}
	inner := decoder{text: literal, nesting: d.nesting, zone: d.zone}
	return inner.value(v, info)
}

// isLiteral says whether text is a scalar value and nothing else.
func isLiteral(text string) bool {
	if text == "" || text[0] == '[' || text[0] == '{' {
		return false
	}
	end, err := scanScalar(text, 0, readLimits)
	return err == nil && end == len(text)
}

func (d *decoder) mapping(v reflect.Value) error {
	t := v.Type()
	keyInfo, info := infoOf(t.Key()), infoOf(t.Elem())
	if !keyInfo.textKey && !keyInfo.readsDateKey.found && !isKeyKind(t.Key().Kind()) {
		return d.mismatch(t, nil)
	}
	if err := d.enter(); err != nil {
		return err
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(t))
	}
	key, elem := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
	for first := true; d.more(first); first = false {
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

// readKey sets key to what text says.
func (d *decoder) readKey(key reflect.Value, info *typeInfo, text string) error {
	switch {
	case info.readsDateKey.found:
		if err := d.setDate(key, info.readsDateKey, text); err != nil {
			return &TypeError{Kind: String, Type: key.Type(), Err: err, key: true}
		}
	case info.textKey:
		if err := key.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
			return &TypeError{Kind: String, Type: key.Type(), Err: err, key: true, private: true}
		}
	case key.Kind() == reflect.String:
		key.SetString(text)
	case !isInteger(text) || !setInteger(key, text):
		return &TypeError{Kind: String, Type: key.Type(), key: true}
	}
	return nil
}

// isInteger says whether text is an integer as JSON spells it.
func isInteger(text string) bool {
	end, float := scanNumber(text, 0)
	return end > 0 && end == len(text) && !float
}

func (d *decoder) setAny(v reflect.Value) error {
	value, err := d.any()
	if err == nil {
		v.Set(reflect.ValueOf(value))
	}
	return err
}

// any reads the value that comes next into the Go value of its Python type.
func (d *decoder) any() (any, error) {
	switch d.next() {
	case '{':
		if err := d.enter(); err != nil {
			return nil, err
		}
		m := map[string]any{}
		for first := true; d.more(first); first = false {
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
		for d.more(len(list) == 0) {
			value, err := d.any()
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	}
	kind := d.kind()
	token := d.token()
	switch kind {
	case Null:
		return nil, nil
	case Bool:
		return token == "true", nil
	case String:
		return unquoteCopy(token), nil
	}
	n, err := anyNumber(token, kind)
	if err != nil {
		return nil, &TypeError{Kind: kind, Type: reflect.TypeFor[*big.Int](), Err: err}
	}
	return n, nil
}
