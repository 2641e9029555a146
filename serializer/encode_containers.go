package serializer

import (
	"bytes"
	"cmp"
	"encoding"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/djsession/djsession/internal/isodate"
)

func (e *encoder) enter(open byte, t reflect.Type) error {
	if e.nesting++; e.nesting > maxWriteNesting {
		return &ValueError{Type: t, Err: ErrNesting}
	}
	e.buf = append(e.buf, open)
	return nil
}

// leave ends a container, in place of the comma after its last element.
func (e *encoder) leave(end byte) {
	e.nesting--
	e.buf = append(bytes.TrimSuffix(e.buf, []byte(",")), end)
}

func (e *encoder) elements(v reflect.Value) error {
	switch v.Type() {
	case tupleType:
		e.mark(Tuple)
	case setType:
		e.mark(Set)
	}
	if err := e.enter('[', v.Type()); err != nil {
		return err
	}
	info := infoOf(v.Type().Elem())
	for i := range v.Len() {
		if err := e.value(v.Index(i), info); err != nil {
			return err
		}
		e.buf = append(e.buf, ',')
	}
	e.leave(']')
	return nil
}

func (e *encoder) structure(v reflect.Value, info *typeInfo) error {
	if err := e.enter('{', v.Type()); err != nil {
		return err
	}
	fields := info.fields().list
	for i := range fields {
		f := &fields[i]
		fv, ok := f.in(v, false)
		if !ok || f.omits(fv) {
			continue
		}
		e.buf = append(e.buf, f.quoted...)
		start, marked := len(e.buf), len(e.marks)
		if err := e.value(fv, f.info); err != nil {
			return err
		}
		if f.asString {
			e.marks = e.marks[:marked]
			if literal := string(e.buf[start:]); literal != nullText {
				e.buf, _ = appendQuoted(e.buf[:start], literal) // it is ASCII
			}
		}
		e.buf = append(e.buf, ',')
	}
	e.leave('}')
	return nil
}

// stringMap is mapping for the usual type.
func (e *encoder) stringMap(m map[string]any) error {
	if m == nil {
		e.word(nullText)
		return nil
	}
	t := reflect.TypeFor[map[string]any]()
	if err := e.enter('{', t); err != nil {
		return err
	}
	keys := slices.AppendSeq(make([]string, 0, len(m)), maps.Keys(m))
	slices.Sort(keys)
	for _, key := range keys {
		if err := e.string(key, t); err != nil {
			return err
		}
		e.buf = append(e.buf, ':')
		if err := e.any(m[key]); err != nil {
			return err
		}
		e.buf = append(e.buf, ',')
	}
	e.leave('}')
	return nil
}

func (e *encoder) mapping(v reflect.Value) error {
	t := v.Type()
	if !isKeyKind(t.Key().Kind()) && !t.Key().Implements(textMarshalerType) {
		return &ValueError{Type: t, Err: errKeyType}
	}
	if err := e.enter('{', t); err != nil {
		return err
	}
	members, err := sortedMembers(v)
	if err != nil {
		return err
	}
	info := infoOf(t.Elem())
	isInt := t.Key().Kind() != reflect.String && isKeyKind(t.Key().Kind()) && !t.Key().Implements(textMarshalerType)
	for i, m := range members {
		if i > 0 && m.key == members[i-1].key {
			return &ValueError{Type: t, Err: errDuplicateKey}
		}
		if isInt {
			e.mark(Int)
		}
		if err := e.string(m.key, t); err != nil {
			return err
		}
		e.buf = append(e.buf, ':')
		if err := e.value(m.value, info); err != nil {
			return err
		}
		e.buf = append(e.buf, ',')
	}
	e.leave('}')
	return nil
}

type mapMember struct {
	key   string
	value reflect.Value
}

// sortedMembers copies a map's members, with two allocations for all of them.
func sortedMembers(v reflect.Value) ([]mapMember, error) {
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
	slices.SortFunc(members, func(m, n mapMember) int { return cmp.Compare(m.key, n.key) })
	return members, nil
}

// keyText returns the text of a map's key.
func keyText(key reflect.Value) (string, error) {
	if key.Kind() == reflect.String {
		return key.String(), nil
	}
	switch k := key.Interface().(type) {
	case nil:
		return "", &ValueError{Type: key.Type(), Err: errNilKey}
	case time.Time:
		text, err := isodate.AppendFormat(nil, k)
		if err != nil {
			return "", &ValueError{Type: timeType, Err: err}
		}
		return string(text), nil
	case encoding.TextMarshaler:
		if key.Kind() == reflect.Pointer && key.IsNil() {
			return "", nil
		}
		text, err := k.MarshalText()
		if err != nil {
			return "", &ValueError{Type: reflect.TypeOf(k), Err: err, private: true}
		}
		return string(text), nil
	}
	if key.CanInt() {
		return strconv.FormatInt(key.Int(), 10), nil
	}
	return strconv.FormatUint(key.Uint(), 10), nil
}
