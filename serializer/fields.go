package serializer

import (
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// field is a field of a struct, or of one that is embedded in it.
type field struct {
	name      string
	quoted    []byte // the name in JSON, with a colon
	path      []int  // as for reflect's FieldByIndex
	rank      int    // of fields with the same name the one of the lowest rank counts
	info      *typeInfo
	omitEmpty bool
	omitZero  bool
	asString  bool
}

// structFields are the fields of a struct.
type structFields struct {
	list   []field
	exact  map[string]*field
	folded map[string]*field // the first of those whose names differ in case only
}

// find returns the field for an object's key: of that very name, else the first
// that differs in case only; nil if there is none.
func (s *structFields) find(key string) *field {
	if f := s.exact[key]; f != nil {
		return f
	}
	return s.folded[foldCase(key)]
}

// foldCase returns the same text for names that strings.EqualFold takes for equal.
func foldCase(name string) string {
	return strings.Map(func(r rune) rune {
		for next := unicode.SimpleFold(r); next > r; next = unicode.SimpleFold(r) {
			r = next
		}
		return r
	}, name)
}

// fieldsOf returns the fields of a struct by encoding/json's rules.
func fieldsOf(t reflect.Type) *structFields {
	s := &structFields{exact: map[string]*field{}, folded: map[string]*field{}}
	all := appendFields(nil, t, nil, nil)
	for i, f := range all {
		beats := func(g field) bool { return g.name == f.name && g.rank <= f.rank }
		if !slices.ContainsFunc(all[:i], beats) && !slices.ContainsFunc(all[i+1:], beats) {
			s.list = append(s.list, f)
		}
	}
	for i := len(s.list) - 1; i >= 0; i-- {
		f := &s.list[i]
		s.exact[f.name], s.folded[foldCase(f.name)] = f, f
	}
	return s
}

// appendFields appends the fields of t, which stands at path in the structs that it is
// embedded in.
func appendFields(fields []field, t reflect.Type, path []int, outer []reflect.Type) []field {
	outer = append(slices.Clip(outer), t)
	for i := range t.NumField() {
		sf := t.Field(i)
		tag := sf.Tag.Get("json")
		name, options := parseTag(tag)
		inner := sf.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		embedded := sf.Anonymous && inner.Kind() == reflect.Struct
		at := append(slices.Clip(path), i)
		switch {
		case tag == "-" || !sf.IsExported() && !embedded:
			continue
		case embedded && name == "":
			if !slices.Contains(outer, inner) {
				fields = appendFields(fields, inner, at, outer)
			}
			continue
		}
		f := field{
			name:      name,
			path:      at,
			rank:      2 * len(at),
			info:      infoOf(sf.Type),
			omitEmpty: slices.Contains(options, "omitempty"),
			omitZero:  slices.Contains(options, "omitzero"),
			asString:  slices.Contains(options, "string") && canBeString(inner),
		}
		if name == "" {
			f.name = sf.Name
			f.rank++ // a name in a tag comes first
		}
		f.quoted, _ = appendQuoted(nil, f.name)
		f.quoted = append(f.quoted, ':')
		fields = append(fields, f)
	}
	return fields
}

// parseTag returns the name in a json tag, "" if it is none that is allowed, and the
// options.
func parseTag(tag string) (name string, options []string) {
	parts := strings.Split(tag, ",")
	forbidden := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r)
	}
	if strings.ContainsFunc(parts[0], forbidden) {
		return "", parts[1:]
	}
	return parts[0], parts[1:]
}

// canBeString reports whether the string option counts for a type.
func canBeString(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.Float32, reflect.Float64:
	default:
		if !isKeyKind(t.Kind()) {
			return false
		}
	}
	info := infoOf(t)
	return t == numberType || info.encode == byKind && info.decode == byKind
}

// in returns the field of the struct v. There is none behind an embedded pointer that is
// nil, unless create is set and it can be set.
func (f *field) in(v reflect.Value, create bool) (reflect.Value, bool) {
	for i, index := range f.path {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !create || !v.CanSet() {
					return v, false
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(index)
	}
	return v, true
}

// omits reports whether the field with value v is left out.
func (f *field) omits(v reflect.Value) bool {
	return f.omitEmpty && isEmpty(v) || f.omitZero && isZero(v)
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

type zeroer interface{ IsZero() bool }

var zeroerType = reflect.TypeFor[zeroer]()

// isZero reports whether v is zero by its IsZero method, or else by its value.
func isZero(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.Type().Implements(zeroerType) && v.CanInterface() {
			return v.IsNil() || v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil() ||
				v.Interface().(zeroer).IsZero()
		}
	default:
		if reflect.PointerTo(v.Type()).Implements(zeroerType) && v.CanInterface() {
			return addressOf(v).(zeroer).IsZero()
		}
	}
	return v.IsZero()
}
