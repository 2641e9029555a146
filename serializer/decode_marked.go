package serializer

import (
	"encoding/hex"
	"reflect"
	"strings"
	"time"
)

var (
	valueType = reflect.TypeFor[Value]()
	dictType  = reflect.TypeFor[Dict]()
)

// marked reads the marked value that comes next into v. It reports whether that is done: what JSON has a form for, and the
// text of others, is read as it would be from JSON.
func (d *decoder) marked(v reflect.Value, info *typeInfo, m mark) (done bool, err error) {
	switch t := v.Type(); {
	case t == valueType:
		value, err := d.graph.valueOf(m.ref)
		if err == nil {
			v.Set(reflect.ValueOf(value))
			d.token()
		}
		return true, err
	case t == dictType && m.kind == Object:
		dict, err := d.graph.dict(m.ref)
		if err == nil {
			v.Set(reflect.ValueOf(*dict))
			d.token()
		}
		return true, err
	case v.Kind() == reflect.Interface && v.NumMethod() == 0:
		return false, nil
	case d.next() == 'n': // an object that has no form in Go
		return true, d.mismatch(t, nil)
	case m.kind == Bytes:
		if info.bytes && info.decode == byKind {
			return false, nil
		}
		return true, d.mismatch(t, nil)
	case m.kind == Duration:
		if t == durationType {
			return false, nil
		}
		return true, d.mismatch(t, nil)
	case m.kind == Set && v.Kind() == reflect.Map:
		return true, d.set(v)
	case m.kind == Instance && t.Kind() == reflect.Array && t.Elem().Kind() == reflect.Uint8 && info.decode == byKind:
		id, err := hex.DecodeString(strings.ReplaceAll(unquote(d.token()), "-", ""))
		if err != nil || len(id) != v.Len() {
			return true, &TypeError{Kind: Instance, Type: t}
		}
		reflect.Copy(v, reflect.ValueOf(id))
		return true, nil
	case info.decode == byJSONMethod:
		start := d.pos
		d.token()
		end := d.pos
		d.pos = start
		if d.marks.hide(d.text, start, end) {
			return true, d.mismatch(t, errNotJSON)
		}
	}
	return false, nil
}

// set reads the set that comes next into v, a map whose elements are struct{} or bool.
func (d *decoder) set(v reflect.Value) error {
	t := v.Type()
	member := reflect.New(t.Elem()).Elem()
	switch {
	case t.Elem().Kind() == reflect.Bool:
		member.SetBool(true)
	case t.Elem().Kind() != reflect.Struct || t.Elem().NumField() > 0:
		return d.mismatch(t, nil)
	}
	if err := d.enter(); err != nil {
		return err
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(t))
	}
	info := infoOf(t.Key())
	for d.more() {
		key := reflect.New(t.Key()).Elem()
		start := d.pos
		if err := d.value(key, info); err != nil {
			return err
		}
		if !key.Comparable() {
			d.pos = start
			return d.mismatch(t.Key(), nil)
		}
		v.SetMapIndex(key, member)
	}
	return nil
}

// anyMarked reads the marked value that comes next as a Go value. It reports whether it did: other values are read from the text.
func (d *decoder) anyMarked(m mark) (value any, done bool, err error) {
	switch {
	case d.next() == 'n':
		err = d.mismatch(reflect.TypeFor[any](), nil)
	case m.kind == Bytes:
		value, err = read[[]byte](d)
	case m.kind == Date:
		value, err = read[time.Time](d)
	case m.kind == Duration:
		value, err = read[time.Duration](d)
	case m.kind == Object:
		if key, _ := d.marks.at(d.pos + 1); key.kind != Int {
			return nil, false, nil
		}
		value, err = read[map[int64]any](d)
	default:
		return nil, false, nil
	}
	return value, true, err
}

func read[T any](d *decoder) (value T, err error) {
	v := reflect.ValueOf(&value).Elem()
	err = d.value(v, infoOf(v.Type()))
	return value, err
}
