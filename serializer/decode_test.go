package serializer

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"testing"
	"time"
)

func bigInt(digits string) *big.Int {
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		panic(digits)
	}
	return n
}

func TestUnmarshalIntoAny(t *testing.T) {
	for _, test := range []struct {
		text string
		want any
	}{
		{`null`, nil},
		{` true `, true},
		{`1`, int64(1)},
		{`-0`, int64(0)},
		{`9223372036854775807`, int64(math.MaxInt64)},
		{`-9223372036854775808`, int64(math.MinInt64)},
		{`9223372036854775808`, bigInt("9223372036854775808")},
		{`-9223372036854775809`, bigInt("-9223372036854775809")},
		{`1.0`, 1.0},
		{`1e2`, 100.0},
		{`-0.0`, math.Copysign(0, -1)},
		{`1e999`, math.Inf(1)},
		{`-1e999`, math.Inf(-1)},
		{`1e-999`, 0.0},
		{`Infinity`, math.Inf(1)},
		{`-Infinity`, math.Inf(-1)},
		{`"\ud83d\ude00\/\b\f\n\r\t\"\\\u0000"`, "😀/\b\f\n\r\t\"\\\x00"},
		{`"\ud83d"`, "\xed\xa0\xbd"},
		{`"\ude00\ud83d"`, "\xed\xb8\x80\xed\xa0\xbd"},
		{`"\ud83d\u0041"`, "\xed\xa0\xbdA"},
		{"\"caf\xc3\xa9 \xff\x7f\"", "cafÃ© ÿ\x7f"},
		{`[]`, []any{}},
		{`[1,[2.0],{}]`, []any{int64(1), []any{2.0}, map[string]any{}}},
		{`{"a":1,"b":null,"\u0061":2}`, map[string]any{"a": int64(2), "b": nil}},
		{"{\"\xe9\":1}", map[string]any{"é": int64(1)}},
	} {
		var got any = "before"
		if err := unmarshal([]byte(test.text), &got); err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: got %#v, %v; want %#v", test.text, got, err, test.want)
		}
		if f, ok := test.want.(float64); ok && math.Signbit(got.(float64)) != math.Signbit(f) {
			t.Errorf("%q: wrong sign", test.text)
		}
	}
	var nan any
	if err := unmarshal([]byte("NaN"), &nan); err != nil || nan.(float64) == nan.(float64) {
		t.Errorf("NaN: got %v, %v", nan, err)
	}
}

type item struct {
	SKU   string      `json:"sku"`
	Qty   int         `json:"qty"`
	Price json.Number `json:"price"`
}

func TestUnmarshalIntoTypes(t *testing.T) {
	five := 5
	for _, test := range []struct {
		name string
		text string
		want any
	}{
		{"string", `"x"`, "x"},
		{"bool", `false`, false},
		{"int", `-7`, -7},
		{"uint", `18446744073709551615`, uint64(math.MaxUint64)},
		{"uint from -0", `-0`, uint(0)},
		{"float64 from an integer", `3`, 3.0},
		{"float64 from a long integer", `123456789012345678901234567890`, 123456789012345678901234567890.0},
		{"float64 that is infinite", `1e999`, math.Inf(1)},
		{"float32 that is infinite", `-Infinity`, float32(math.Inf(-1))},
		{"float32 that Python has infinite", `1e999`, float32(math.Inf(1))},
		{"float32", `0.1`, float32(0.1)},
		{"Number", `1.50`, json.Number("1.50")},
		{"Number NaN", `NaN`, json.Number("NaN")},
		{"Number null", `null`, json.Number("")},
		{"big.Int", `123456789012345678901234567890`, *bigInt("123456789012345678901234567890")},
		{"*big.Int", `-5`, bigInt("-5")},
		{"nil *big.Int", `null`, (*big.Int)(nil)},
		{"big.Int null", `{"N":null}`, struct{ N big.Int }{}},
		{"embedded integer that is not exported", `{"n":{"abs":[1]},"t":{}}`, hiddenMethods{}},
		{"embedded unexported struct with a name", `{"base":{"ID":5}}`, struct {
			hiddenBase `json:"base"`
		}{hiddenBase{5}}},
		{"[]*big.Int", `[1,null]`, []*big.Int{big.NewInt(1), nil}},
		{"RawMessage", ` {"a" : 1.50, "b":NaN} `, json.RawMessage(`{"a" : 1.50, "b":NaN}`)},
		{"RawMessage of Latin-1", "\"\xe9\"", json.RawMessage(`"\u00e9"`)},
		{"RawMessage null", `null`, json.RawMessage(`null`)},
		{"bytes", `"/wA="`, []byte{0xff, 0}},
		{"bytes from numbers", `[1,2]`, []byte{1, 2}},
		{"array, too short", `[1]`, [2]int{1, 0}},
		{"array, too long", `[1,2,[3],4]`, [2]int{1, 2}},
		{"pointer", `5`, &five},
		{"nil pointer", `null`, (*int)(nil)},
		{"struct", `{"sku":"a","QTY":2,"price":1.50,"unknown":{"x":[]}}`, item{"a", 2, "1.50"}},
		{"struct, key with escapes", `{"\u0073ku":"a"}`, item{SKU: "a"}},
		{"slice of structs", `[{"qty":1},{"sku":"b"}]`, []item{{Qty: 1}, {SKU: "b"}}},
		{"map", `{"a":[1]}`, map[string][]int{"a": {1}}},
		{"map of surrogate halves", `{"\ud800":"\udfff"}`, map[string]string{"\xed\xa0\x80": "\xed\xbf\xbf"}},
		{"map with int keys", `{"-1":true}`, map[int8]bool{-1: true}},
		{"map with uint keys", `{"255":true}`, map[uint8]bool{255: true}},
		{"map with text keys", `{"::1":1}`, map[netip.Addr]int{netip.IPv6Loopback(): 1}},
		{"map from null", `null`, map[string]int(nil)},
		{"TextUnmarshaler", `"127.0.0.1"`, netip.AddrFrom4([4]byte{127, 0, 0, 1})},
		{"Unmarshaler", `"2024-01-02T03:04:05Z"`, time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)},
		{"any within a struct", `{"N":1,"F":1.0}`, struct{ N, F any }{int64(1), 1.0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			into := reflect.New(reflect.TypeOf(test.want))
			if err := unmarshal([]byte(test.text), into.Interface()); err != nil {
				t.Fatal(err)
			}
			if got := into.Elem().Interface(); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %#v, want %#v", got, test.want)
			}
		})
	}
}

func TestUnmarshalSliceElementsAreFresh(t *testing.T) {
	got := []item{{SKU: "old", Qty: 1}, {SKU: "older"}}
	if err := unmarshal([]byte(`[{"qty":2}]`), &got); err != nil || !reflect.DeepEqual(got, []item{{Qty: 2}}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestUnmarshalCyclicTargets(t *testing.T) {
	var self any
	self = &self
	if err := unmarshal([]byte(`[1]`), self); err != nil || !reflect.DeepEqual(self, []any{int64(1)}) {
		t.Errorf("an interface that holds its own address: %v", err)
	}
	var a, b any
	a, b = &b, &a
	if err := unmarshal([]byte(`1`), &a); !errors.Is(err, ErrNesting) {
		t.Errorf("two interfaces that hold each other's address: %v", err)
	}
	type loop *loop
	var l loop
	l = &l
	if err := unmarshal([]byte(`1`), &l); !errors.Is(err, ErrNesting) {
		t.Errorf("a pointer to itself: %v", err)
	}
}

// What is decoded must not keep the text alive: a user id that a program holds
// on to would hold the whole session.
func TestStringsAreCopied(t *testing.T) {
	text := `{"id":"abcdef","k":["ghijkl"]}`
	var s struct {
		ID string   `json:"id"`
		K  []string `json:"k"`
	}
	if err := decodeText(text, &s, nil); err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := decodeText(text, &m, nil); err != nil {
		t.Fatal(err)
	}
	var direct string
	if err := decodeText(`"abcdef"`, &direct, nil); err != nil {
		t.Fatal(err)
	}
	shared := func(s string) bool { return sharesMemory(s, text) }
	if shared(s.ID) || shared(s.K[0]) || shared(m["id"].(string)) {
		t.Error("a decoded string shares memory with the text")
	}
	for key := range m {
		if shared(key) {
			t.Error("a decoded key shares memory with the text")
		}
	}
	if got := unquote(text[1:5]); !shared(got) {
		t.Error("Unquote copied for no reason: this test cannot fail")
	}
}
