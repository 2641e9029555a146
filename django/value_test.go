package django_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/serializer"
)

const everyKind = `{"null":null,"true":true,"int":2,"float":2.0,"big":1180591620717411303424,"nan":NaN,"inf":-Infinity,` +
	`"text":"h\u00e9llo \ud83d\ude00","half":"\ud800","list":[1,"x",null],"dict":{"z":1,"a":2.5},"time":"2026-03-01T12:00:00Z"}`

func TestValueReadsEveryKind(t *testing.T) {
	s := fresh(t, everyKind)
	wantValue(t, s, "int", 2)
	wantValue(t, s, "int", uint8(2))
	wantValue(t, s, "int", 2.0)
	wantValue(t, s, "float", 2.0)
	wantValue(t, s, "float", float32(2))
	wantValue(t, s, "true", true)
	wantValue(t, s, "text", "héllo 😀")
	wantValue(t, s, "half", "\xed\xa0\x80")
	wantValue(t, s, "inf", math.Inf(-1))
	wantValue(t, s, "big", json.Number("1180591620717411303424"))
	wantValue(t, s, "float", json.Number("2.0"))
	wantValue(t, s, "time", testNow.Truncate(time.Second))
	wantValue[any](t, s, "int", int64(2))
	wantValue[any](t, s, "float", 2.0)
	wantValue[any](t, s, "null", nil)
	if v, err := django.Value(s, "nan", 0.0); err != nil || !math.IsNaN(v) {
		t.Errorf("NaN is %v, %v", v, err)
	}
	big70 := new(big.Int).Lsh(big.NewInt(1), 70)
	if v, err := django.Value(s, "big", (*big.Int)(nil)); err != nil || v.Cmp(big70) != 0 {
		t.Errorf("2**70 is %v, %v", v, err)
	}
	if v, err := django.Value[any](s, "big", nil); err != nil || fmt.Sprintf("%T", v) != "*big.Int" {
		t.Errorf("2**70 as any is a %T, %v", v, err)
	}
	if v, err := django.Value(s, "list", []any(nil)); err != nil || fmt.Sprint(v) != "[1 x <nil>]" {
		t.Errorf("the list is %v, %v", v, err)
	}
	if v, err := django.Value(s, "dict", json.RawMessage(nil)); err != nil || string(v) != `{"z":1,"a":2.5}` {
		t.Errorf("the raw dict is %s, %v", v, err)
	}
	if v, err := django.Value(s, "dict", serializer.Value{}); err != nil || string(v.Bytes()) != `{"z":1,"a":2.5}` {
		t.Errorf("the dict is %v, %v", v, err)
	}
	type pair struct {
		Z int     `json:"z"`
		A float64 `json:"a"`
	}
	wantValue(t, s, "dict", pair{1, 2.5})
	if v, err := django.Value(s, "dict", map[string]float64(nil)); err != nil || v["a"] != 2.5 {
		t.Errorf("the map is %v, %v", v, err)
	}
}

func wantValue[T comparable](t *testing.T, s *django.Session, key string, want T) {
	t.Helper()
	var def T
	got, err := django.Value(s, key, def)
	if err != nil || got != want {
		t.Errorf("%s is %v (%T), %v, want %v", key, got, got, err, want)
	}
	if got, ok, err := django.Lookup[T](s, key); err != nil || !ok || got != want {
		t.Errorf("Lookup: %s is %v, %v, %v, want %v", key, got, ok, err, want)
	}
}

// Read into any and set again, each value is for Django what it was.
func TestValuesSurviveTheDetour(t *testing.T) {
	s := fresh(t, everyKind)
	for key := range s.Keys() {
		v, err := django.Value[any](s, key, nil)
		must(t, err)
		must(t, s.Set(key, v))
	}
	want := strings.Replace(everyKind, `{"z":1,"a":2.5}`, `{"a":2.5,"z":1}`, 1) // a Go map has no order
	check(t, "the session", jsonOf(t, s), want)
}

// A value of the wrong type is an error that names the key and not the value,
// and the default comes with it. What does not fit is not popped.
func TestValueErrors(t *testing.T) {
	s := fresh(t, `{"password":"hidden","n":1.5,"big":99999999999999999999,"cart":{"hidden":"hidden"},"neg":-1}`)
	wantTypeError(t, s, "password", 7)
	wantTypeError(t, s, "password", []string{"x"})
	wantTypeError(t, s, "n", 7)
	wantTypeError(t, s, "big", int64(7))
	wantTypeError(t, s, "neg", uint(7))
	wantTypeError(t, s, "cart", []int{7})
	wantTypeError(t, s, "cart", map[string]int{"x": 7})
	wantTypeError(t, s, "cart", "x")
	wantTypeError(t, s, "password", testNow)
	check(t, "Modified", s.Modified(), false)
}

func wantTypeError[T any](t *testing.T, s *django.Session, key string, def T) {
	t.Helper()
	got, err := django.Value(s, key, def)
	_, ok, errLookup := django.Lookup[T](s, key)
	popped, errPop := django.Pop(s, key, def)
	if fmt.Sprint(got) != fmt.Sprint(def) || fmt.Sprint(popped) != fmt.Sprint(def) {
		t.Errorf("%s: the default did not come back, but %v and %v", key, got, popped)
	}
	if !ok || !s.Has(key) {
		t.Errorf("%s is said not to be there", key)
	}
	_, errDefault := django.SetDefault(s, key, def)
	for _, err := range []error{err, errLookup, errPop, errDefault} {
		var typeError *serializer.TypeError
		if !errors.As(err, &typeError) {
			t.Errorf("%s: the error is %v", key, err)
			continue
		}
		for _, value := range []string{"hidden", "1.5", "99999"} {
			if strings.Contains(err.Error(), value) {
				t.Errorf("%s: the error holds the value: %v", key, err)
			}
		}
		if !strings.Contains(err.Error(), `"`+key+`"`) {
			t.Errorf("%s: the error does not name the key: %v", key, err)
		}
	}
}

func TestGenericHelpers(t *testing.T) {
	s := fresh(t, `{"a":1,"null":null}`)
	if v, err := django.Value(s, "absent", 7); v != 7 || err != nil {
		t.Errorf("absent is %v, %v", v, err)
	}
	if v, ok, err := django.Lookup[int](s, "absent"); v != 0 || ok || err != nil {
		t.Errorf("absent is %v, %v, %v", v, ok, err)
	}
	if v, err := django.Value(s, "null", 7); v != 0 || err != nil {
		t.Errorf("null is %v, %v", v, err)
	}
	if v, err := django.Pop(s, "absent", 7); v != 7 || err != nil || s.Modified() {
		t.Errorf("absent popped is %v, %v", v, err)
	}
	if v, err := django.SetDefault(s, "a", 7); v != 1 || err != nil || s.Modified() {
		t.Errorf("the default of what is there is %v, %v", v, err)
	}
	if v, err := django.Pop(s, "a", 7); v != 1 || err != nil || s.Has("a") || !s.Modified() {
		t.Errorf("popped is %v, %v", v, err)
	}
	if v, err := django.SetDefault(s, "a", 7); v != 7 || err != nil {
		t.Errorf("the default is %v, %v", v, err)
	}
	check(t, "the session", jsonOf(t, s), `{"null":null,"a":7}`)
}

// What was read is a copy.
func TestValuesAreCopies(t *testing.T) {
	s := fresh(t, `{"list":[1,2]}`)
	list, err := django.Value(s, "list", []int(nil))
	must(t, err)
	list[0] = 9
	v, _ := s.Get("list")
	v.Bytes()[1] = '9'
	check(t, "the session", jsonOf(t, s), `{"list":[1,2]}`)
	given := []int{1}
	must(t, s.Set("given", given))
	given[0] = 9
	check(t, "the session", jsonOf(t, s), `{"list":[1,2],"given":[1]}`)
}

// A struct is written by its json tags, as Python would have written the dict.
func TestSetStruct(t *testing.T) {
	type line struct {
		SKU   string  `json:"sku"`
		Price float64 `json:"price"`
		Note  string  `json:"note,omitempty"`
	}
	s := fresh(t, `{}`)
	must(t, s.Set("line", line{"é", 1, ""}))
	check(t, "the session", jsonOf(t, s), `{"line":{"sku":"\u00e9","price":1.0}}`)
}
