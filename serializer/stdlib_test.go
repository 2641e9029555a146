package serializer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMarshalLikeStdlib fills values of all the types at random. Both packages
// must agree on whether they can be written, and on the tokens of the text.
func TestMarshalLikeStdlib(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, typ := range stdlibTypes {
		for range 100 {
			p := reflect.New(typ)
			fill(r, p.Elem(), 3)
			v := p.Interface() // a pointer: encoding/json sees the methods of pointers only so
			want, wantErr := json.Marshal(v)
			got, err := marshal(v)
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("%v: encoding/json says %v, Marshal says %v", typ, wantErr, err)
			}
			if err != nil {
				continue
			}
			if g, w := tokens(t, got), tokens(t, want); !reflect.DeepEqual(g, w) {
				t.Fatalf("%v:\n got %s\nwant %s", typ, got, want)
			}
		}
	}
}

// TestUnmarshalLikeStdlib reads texts of the types, damaged at random, into
// fresh and used values.
func TestUnmarshalLikeStdlib(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	verdicts := map[bool]int{}
	for _, typ := range stdlibTypes {
		for range 500 {
			source := reflect.New(typ)
			fill(r, source.Elem(), 3)
			text, err := json.Marshal(source.Interface())
			if err != nil {
				text = []byte(`{"1":1}`)
			}
			text = disturb(r, text)
			if !isASCII(text) || hasNumberInQuotes(typ, text) || hasNullKey(typ, text) {
				continue
			}
			got, want := reflect.New(typ), reflect.New(typ)
			wantErr := json.Unmarshal(text, want.Interface())
			err = unmarshal(text, got.Interface())
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("%v from %s:\nencoding/json says %v\nUnmarshal says %v", typ, text, wantErr, err)
			}
			verdicts[err == nil]++
			if err == nil && !reflect.DeepEqual(floats(got), floats(want)) {
				t.Fatalf("%v from %s:\n got %+v\nwant %+v", typ, text, got.Elem(), want.Elem())
			}
		}
	}
	if verdicts[true] < 2000 || verdicts[false] < 2000 {
		t.Errorf("a lopsided test: %v", verdicts)
	}
}

// TestUnmarshalIntoUsedValues reads into values that hold something already.
func TestUnmarshalIntoUsedValues(t *testing.T) {
	one := func() any {
		n := 7
		pn := &n
		return &struct {
			M  map[string]int
			P  *plain
			A  any
			Pp **int
			S  struct{ X, Y int }
			Ar [3]int
			B  []byte
			I  any
		}{
			M: map[string]int{"old": 1}, P: &plain{A: 5, B: "keep"}, A: &plain{A: 6},
			Pp: &pn, S: struct{ X, Y int }{1, 2}, Ar: [3]int{1, 2, 3}, B: []byte("old"), I: 3,
		}
	}
	for _, text := range []string{
		`{"M":{"new":2},"P":{"A":1},"A":{"b":"x"},"Pp":3,"S":{"Y":9},"Ar":[4],"B":"QQ==","I":"s"}`,
		`{"M":null,"P":null,"A":null,"Pp":null,"S":null,"Ar":null,"B":null,"I":null}`,
		`{"M":{},"P":{},"A":{},"S":{},"Ar":[],"B":"","I":[]}`,
		`{"P":{"e":{"A":1}},"P":{"e":{"b":"y"}},"M":{"old":3},"Ar":[1,2,3,4,5]}`,
		`null`,
	} {
		got, want := one(), one()
		wantErr, err := json.Unmarshal([]byte(text), want), unmarshal([]byte(text), got)
		if (err == nil) != (wantErr == nil) || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v, %v", text, got, err, want, wantErr)
		}
	}
}

func isASCII(b []byte) bool { return !slices.ContainsFunc(b, func(c byte) bool { return c >= 0x80 }) }

// hasNumberInQuotes finds what is refused here and taken there: a string for
// a json.Number.
func hasNumberInQuotes(typ reflect.Type, text []byte) bool {
	return typ == reflect.TypeFor[numbers]() && bytes.Contains(bytes.ToLower(text), []byte(`"n":"`))
}

// hasNullKey finds what encoding/json takes for the integer 0 since Go 1.27, and
// refused before: the key "null" of a map whose keys are integers.
func hasNullKey(typ reflect.Type, text []byte) bool {
	return bytes.Contains(text, []byte(`"null"`)) &&
		(typ == reflect.TypeFor[keyed]() || typ.Kind() == reflect.Map && typ.Key().Kind() != reflect.String)
}

// tokens reads text with encoding/json, numbers as float64.
func tokens(t *testing.T, text []byte) (list []json.Token) {
	t.Helper()
	for dec := json.NewDecoder(bytes.NewReader(text)); ; {
		token, err := dec.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if s, ok := token.(string); ok { // numbers of the string option
			if f, err := json.Number(s).Float64(); err == nil {
				token = f
			} else if strings.HasPrefix(s, `"`) {
				_ = json.Unmarshal([]byte(s), &s)
				token = s
			} else if date, err := time.Parse(time.RFC3339, s); err == nil {
				token = date.UTC().Truncate(time.Microsecond).String() // date_test.go tests its spelling
			}
		}
		list = append(list, token)
	}
}

// floats gives a value like v's with the integers of interfaces as float64, as
// encoding/json reads them.
func floats(v reflect.Value) any {
	var walk func(v reflect.Value) any
	walk = func(v reflect.Value) any {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				return []any{walk(v.Elem())}
			}
		case reflect.Interface:
			switch x := v.Interface().(type) {
			case int64:
				return float64(x)
			case float64:
				return x + 0 // encoding/json reads -0 as a float, Python as 0
			case fmt.Stringer: // *big.Int
				f, _ := json.Number(x.String()).Float64()
				return f
			}
			if !v.IsNil() {
				return walk(v.Elem())
			}
		case reflect.Struct:
			if v.Type().PkgPath() != reflect.TypeFor[plain]().PkgPath() && v.Type().Name() != "" {
				return fmt.Sprint(v)
			}
			var list []any
			for i := range v.NumField() {
				list = append(list, walk(v.Field(i)))
			}
			return list
		case reflect.Slice, reflect.Array:
			if v.Kind() == reflect.Slice && v.IsNil() {
				return nil
			}
			list := []any{}
			for i := range v.Len() {
				list = append(list, walk(v.Index(i)))
			}
			return list
		case reflect.Map:
			if v.IsNil() {
				return nil
			}
			m := map[string]any{}
			for iter := v.MapRange(); iter.Next(); {
				m[fmt.Sprint(iter.Key())] = walk(iter.Value())
			}
			return m
		}
		return fmt.Sprintf("%#v", v)
	}
	return walk(v)
}
