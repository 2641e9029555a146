package serializer

import (
	"encoding"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

func (e *encoder) enter(open byte, t reflect.Type) error {
	if e.nesting++; e.nesting > maxWriteNesting {
		return &ValueError{Type: t, Err: ErrNesting}
	}
	e.buf = append(e.buf, open)
	return nil
}

func (e *encoder) leave(end byte) {
	e.nesting--
	e.buf = append(e.buf, end)
}

func (e *encoder) elements(v reflect.Value) error {
	if err := e.enter('[', v.Type()); err != nil {
		return err
	}
	info := infoOf(v.Type().Elem())
	for i := range v.Len() {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		if err := e.value(v.Index(i), info); err != nil {
			return err
		}
	}
	e.leave(']')
	return nil
}

func (e *encoder) structure(v reflect.Value, info *typeInfo) error {
	if err := e.enter('{', v.Type()); err != nil {
		return err
	}
	fields, first := info.fields(), true
	for i := range fields.list {
		f := &fields.list[i]
		fv, ok := fieldAt(v, f.path)
		if !ok || f.omitEmpty && isEmpty(fv) || f.omitZero != nil && f.omitZero(fv) {
			continue
		}
		if !first {
			e.buf = append(e.buf, ',')
		}
		first = false
		e.buf = append(e.buf, f.quoted...)
		var err error
		if f.asString {
			err = e.quotedValue(fv)
		} else {
			err = e.value(fv, f.info)
		}
		if err != nil {
			return err
		}
	}
	e.leave('}')
	return nil
}

// fieldAt gives the field at path, or false if an embedded pointer on the way
// is nil.
func fieldAt(v reflect.Value, path []int) (reflect.Value, bool) {
	for i, index := range path {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(index)
	}
	return v, true
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct, reflect.Func, reflect.Chan, reflect.Complex64, reflect.Complex128:
		return false
	}
	return v.IsZero()
}

// quotedValue writes a field that has the string option: its literal within
// a string. null and values that write themselves are not quoted.
func (e *encoder) quotedValue(v reflect.Value) error {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			e.word("null")
			return nil
		}
		v = v.Elem()
	}
	info := infoOf(v.Type())
	if info.marshal != noMethod {
		return e.value(v, info)
	}
	start := len(e.buf)
	if err := e.value(v, info); err != nil {
		return err
	}
	literal := string(e.buf[start:])
	e.buf, _ = appendQuoted(e.buf[:start], literal) // the literal is ASCII
	return nil
}

// stringMap writes the usual map; [encoder.mapping] writes the others.
func (e *encoder) stringMap(m map[string]any) error {
	if m == nil {
		e.word("null")
		return nil
	}
	if err := e.enter('{', anyMapType); err != nil {
		return err
	}
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for i, key := range keys {
		if err := e.key(key, i == 0, anyMapType); err != nil {
			return err
		}
		if err := e.any(m[key]); err != nil {
			return err
		}
	}
	e.leave('}')
	return nil
}

func (e *encoder) key(key string, first bool, t reflect.Type) error {
	if !first {
		e.buf = append(e.buf, ',')
	}
	if err := e.string(key, t); err != nil {
		return err
	}
	e.buf = append(e.buf, ':')
	return nil
}

func (e *encoder) mapping(v reflect.Value) error {
	t := v.Type()
	if !isKeyKind(t.Key().Kind()) && !t.Key().Implements(textMarshalerType) {
		return &ValueError{Type: t, Err: errKeyType}
	}
	if v.IsNil() {
		e.word("null")
		return nil
	}
	if err := e.enter('{', t); err != nil {
		return err
	}
	members, err := mapMembers(v)
	if err != nil {
		return err
	}
	slices.SortFunc(members, mapMember.compare)
	info := infoOf(t.Elem())
	for i, m := range members {
		if i > 0 && m.key == members[i-1].key {
			return &ValueError{Type: t, Err: errDuplicateKey}
		}
		if err := e.key(m.key, i == 0, t); err != nil {
			return err
		}
		if err := e.value(m.value, info); err != nil {
			return err
		}
	}
	e.leave('}')
	return nil
}

type mapMember struct {
	key   string
	value reflect.Value
}

// mapMembers copies a map's members, in no order, with two allocations for all of
// them.
func mapMembers(v reflect.Value) ([]mapMember, error) {
	n := v.Len()
	members := make([]mapMember, 0, n)
	values := reflect.MakeSlice(reflect.SliceOf(v.Type().Elem()), n, n)
	key := reflect.New(v.Type().Key()).Elem()
	for iter := v.MapRange(); iter.Next() && len(members) < n; {
		key.SetIterKey(iter)
		text, err := keyText(key)
		if err != nil {
			return nil, err
		}
		value := values.Index(len(members))
		value.SetIterValue(iter)
		members = append(members, mapMember{text, value})
	}
	return members, nil
}

func (m mapMember) compare(n mapMember) int { return strings.Compare(m.key, n.key) }

// keyText gives the text of a map's key, of a type that can be one.
func keyText(key reflect.Value) (string, error) {
	if key.Kind() == reflect.String {
		return key.String(), nil
	}
	dynamic := key
	if key.Kind() == reflect.Interface && !key.IsNil() {
		dynamic = key.Elem()
	}
	if info := infoOf(dynamic.Type()); info.writesDateKey.found {
		text, err := dateKey(dynamic, info)
		if err != nil {
			return "", &ValueError{Type: dynamic.Type(), Err: err}
		}
		return text, nil
	}
	if m, ok := key.Interface().(encoding.TextMarshaler); ok {
		if key.Kind() == reflect.Pointer && key.IsNil() {
			return "", nil
		}
		text, err := m.MarshalText()
		if err != nil {
			return "", &ValueError{Type: dynamic.Type(), Err: err, private: true}
		}
		return string(text), nil
	}
	if key.CanInt() {
		return strconv.FormatInt(key.Int(), 10), nil
	}
	if key.CanUint() {
		return strconv.FormatUint(key.Uint(), 10), nil
	}
	return "", &ValueError{Type: key.Type(), Err: errNilKey}
}
