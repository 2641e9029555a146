package serializer

import (
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// structFields are the fields of a struct that JSON sees, those of embedded
// structs among them, by encoding/json's rules.
type structFields struct {
	list   []field
	exact  map[string]int // by name
	folded map[string]int // by folded name; the first of equals
}

type field struct {
	name      string
	quoted    []byte // name as JSON, with a colon
	path      []int  // as reflect's FieldByIndex
	tagged    bool
	info      *typeInfo
	omitEmpty bool
	omitZero  func(reflect.Value) bool // nil without the option
	asString  bool
}

// byName finds the field for an object's key: of that very name, else the
// first that differs in case only.
func (s *structFields) byName(key string) *field {
	i, ok := s.exact[key]
	if !ok {
		if i, ok = s.folded[foldCase(key)]; !ok {
			return nil
		}
	}
	return &s.list[i]
}

// foldCase maps names that differ in case only to the same string.
func foldCase(name string) string {
	return strings.Map(func(r rune) rune {
		for {
			next := unicode.SimpleFold(r)
			if next <= r {
				return next // the smallest of its orbit
			}
			r = next
		}
	}, name)
}

// findFields collects level by level, since of fields with one name the one
// embedded least deeply is meant.
func findFields(root reflect.Type) *structFields {
	type level struct {
		typ  reflect.Type
		path []int
	}
	var (
		all     []field
		next    = []level{{typ: root}}
		visited = map[reflect.Type]bool{}
	)
	for len(next) > 0 {
		current := next
		next = nil
		times := map[reflect.Type]int{}
		for _, l := range current {
			times[l.typ]++
		}
		for _, l := range current {
			if visited[l.typ] {
				continue
			}
			visited[l.typ] = true
			for i := range l.typ.NumField() {
				sf := l.typ.Field(i)
				path := append(slices.Clip(l.path), i)
				if embedded := embeddedStruct(sf); embedded != nil {
					next = append(next, level{embedded, path})
					continue
				}
				f, ok := newField(sf, path)
				if !ok {
					continue
				}
				all = append(all, f)
				if times[l.typ] > 1 {
					all = append(all, f) // embedded twice on one level: ambiguous
				}
			}
		}
	}
	return newStructFields(dominant(all))
}

// embeddedStruct gives the type whose fields count as those of the struct
// around it, or nil.
func embeddedStruct(sf reflect.StructField) reflect.Type {
	if !sf.Anonymous {
		return nil
	}
	if tag := sf.Tag.Get("json"); tag == "-" || tagName(tag) != "" {
		return nil
	}
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

// namedEmbedded says whether a field is an embedded struct, which counts even if
// its type is not exported.
func namedEmbedded(sf reflect.StructField) bool {
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return sf.Anonymous && t.Kind() == reflect.Struct
}

func newField(sf reflect.StructField, path []int) (field, bool) {
	tag := sf.Tag.Get("json")
	if tag == "-" || !sf.IsExported() && !namedEmbedded(sf) {
		return field{}, false
	}
	f := field{name: tagName(tag), path: path, info: infoOf(sf.Type)}
	f.tagged = f.name != ""
	if !f.tagged {
		f.name = sf.Name
	}
	_, options, _ := strings.Cut(tag, ",")
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitempty":
			f.omitEmpty = true
		case "omitzero":
			f.omitZero = reflect.Value.IsZero
			if sf.IsExported() {
				f.omitZero = zeroTest(sf.Type)
			}
		case "string":
			f.asString = canBeQuoted(sf.Type)
		}
	}
	return f, true
}

// tagName gives the name in a json tag, or "" if it has none that is allowed.
func tagName(tag string) string {
	name, _, _ := strings.Cut(tag, ",")
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) {
			return ""
		}
	}
	return name
}

// canBeQuoted says whether the string option counts for a field's type.
func canBeQuoted(t reflect.Type) bool {
	if t.Name() == "" && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64:
		return true
	}
	return isIntegerKind(t.Kind())
}

// zeroTest gives what the omitzero option asks of a value of type t: its
// IsZero method if it has one.
func zeroTest(t reflect.Type) func(reflect.Value) bool {
	type zeroer interface{ IsZero() bool }
	zeroerType := reflect.TypeFor[zeroer]()
	switch {
	case t.Kind() == reflect.Interface && t.Implements(zeroerType),
		t.Kind() == reflect.Pointer && t.Implements(zeroerType):
		return func(v reflect.Value) bool {
			// A nil pointer, also one within the interface, would not
			// survive a method of the value.
			return v.IsNil() ||
				v.Elem().Kind() == reflect.Pointer && v.Elem().IsNil() ||
				v.Interface().(zeroer).IsZero()
		}
	case t.Implements(zeroerType):
		return func(v reflect.Value) bool { return v.Interface().(zeroer).IsZero() }
	case reflect.PointerTo(t).Implements(zeroerType):
		return func(v reflect.Value) bool { return addressable(v).Addr().Interface().(zeroer).IsZero() }
	}
	return reflect.Value.IsZero
}

// addressable returns v, or a copy of it that has an address.
func addressable(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return v
	}
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	return c
}

// dominant keeps for each name the field that is meant by it: the least deep;
// among those of one depth the tagged one; none if that leaves several.
func dominant(all []field) []field {
	best := map[string][]int{}
	for i, f := range all {
		rivals := best[f.name]
		if len(rivals) > 0 {
			first := all[rivals[0]]
			switch {
			case len(f.path) > len(first.path), len(f.path) == len(first.path) && first.tagged && !f.tagged:
				continue
			case len(f.path) == len(first.path) && f.tagged == first.tagged:
				best[f.name] = append(rivals, i)
				continue
			}
		}
		best[f.name] = []int{i}
	}
	var kept []field
	for i, f := range all {
		if rivals := best[f.name]; len(rivals) == 1 && rivals[0] == i {
			kept = append(kept, f)
		}
	}
	slices.SortFunc(kept, func(a, b field) int { return slices.Compare(a.path, b.path) })
	return kept
}

func newStructFields(list []field) *structFields {
	s := &structFields{list: list, exact: map[string]int{}, folded: map[string]int{}}
	for i := range list {
		f := &list[i]
		// Names come from identifiers and checked tags: they are UTF-8.
		f.quoted, _ = appendQuoted(nil, f.name)
		f.quoted = append(f.quoted, ':')
		s.exact[f.name] = i
		if folded := foldCase(f.name); !hasKey(s.folded, folded) {
			s.folded[folded] = i
		}
	}
	return s
}

func hasKey(m map[string]int, key string) bool {
	_, ok := m[key]
	return ok
}
