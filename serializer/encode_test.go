package serializer

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestMarshal(t *testing.T) {
	three := 3
	type inner struct {
		Float float64 `json:"float"`
		Text  string  `json:"text,omitempty"`
	}
	tests := []struct {
		name string
		in   any
		want string
	}{
		{"int", 2, `2`},
		{"float that is whole", 2.0, `2.0`},
		{"float32", float32(0.1), `0.1`},
		{"float32 that is large", float32(1e20), `1e+20`},
		{"float32 at the change of notation", []float32{1e-4, 9.9e-5, 1e16, 9.9e15}, `[0.0001,9.9e-05,1e+16,9900000000000000.0]`},
		{"float32 NaN", float32(math.NaN()), `NaN`},
		{"infinities", []float64{math.Inf(1), math.Inf(-1)}, `[Infinity,-Infinity]`},
		{"minus zero", math.Copysign(0, -1), `-0.0`},
		{"largest uint", uint64(math.MaxUint64), `18446744073709551615`},
		{"*big.Int", new(big.Int).Lsh(big.NewInt(1), 70), `1180591620717411303424`},
		{"big.Int", *big.NewInt(-5), `-5`},
		{"nil *big.Int", (*big.Int)(nil), `null`},
		{"big.Int in a struct", struct{ N big.Int }{*big.NewInt(7)}, `{"N":7}`},
		{"big.Int in a map", map[string]big.Int{"n": *big.NewInt(7)}, `{"n":7}`},
		{"Number", []json.Number{"1.50", "1E5", "-0", "NaN", "-Infinity", ""}, `[1.50,1E5,-0,NaN,-Infinity,0]`},
		{"RawMessage", json.RawMessage(" { \"a\" : [ 1.50 , \"\\u00E9\\/ é\u2028😀\" ] , \"b\":NaN } "),
			`{"a":[1.50,"\u00E9\/ \u00e9\u2028\ud83d\ude00"],"b":NaN}`},
		{"nil RawMessage", json.RawMessage(nil), `null`},
		{"RawMessage keeps duplicate keys", json.RawMessage(`{"a":1,"a":2}`), `{"a":1,"a":2}`},
		{"no HTML escapes", "</a>&'", `"</a>&'"`},
		{"surrogate half", "a\xed\xa0\xbdb", `"a\ud83db"`},
		{"surrogate half in RawMessage", json.RawMessage("\"\xed\xbf\xbf\""), `"\udfff"`},
		{"sorted map", map[string]any{"b": 1, "a": nil, "é": 2.0, "A": true}, `{"A":true,"a":null,"b":1,"\u00e9":2.0}`},
		{"sorted map of a type", map[int]bool{10: true, 9: false}, `{"10":true,"9":false}`},
		{"nils", []any{nil, []any(nil), map[string]any(nil), (*int)(nil), []byte(nil)}, `[null,null,null,null,null]`},
		{"empty", []any{[]any{}, map[string]any{}, [0]int{}, struct{}{}, []byte{}}, `[[],{},[],{},""]`},
		{"bytes", []byte("\xff\x00"), `"/wA="`},
		{"pointers", []any{&three, new(any)}, `[3,null]`},
		{"struct", inner{Float: 1}, `{"float":1.0}`},
		{"method of a pointer, value without address", pointerMethods{1}, `"pointer 1"`},
		{"the same in a map", map[string]pointerMethods{"k": {2}}, `{"k":"pointer 2"}`},
		{"nil pointer as key", map[*level]int{nil: 1}, `{"":1}`},
		{"embedded pointer to an unexported struct", struct {
			*hiddenBase `json:"base"`
		}{&hiddenBase{5}}, `{"base":{"ID":5}}`},
		{"quoted nil", struct {
			P *int `json:",string"`
		}{}, `{"P":null}`},
		{"quoted float", struct {
			F float64 `json:",string"`
		}{3}, `{"F":"3.0"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := marshal(test.in)
			if err != nil || string(got) != test.want {
				t.Errorf("got %s, %v; want %s", got, err, test.want)
			}
		})
	}
}

type pointerMethods struct{ n int }

func (p *pointerMethods) MarshalText() ([]byte, error) {
	return []byte("pointer " + string(rune('0'+p.n))), nil
}

const secret = "s3cr3t"

var errSecret = errors.New("cannot parse " + secret)

type failing struct{}

func (f failing) MarshalJSON() ([]byte, error) { return []byte(secret), errSecret }

type failingText struct{}

func (failingText) MarshalText() ([]byte, error) { return nil, errSecret }

type badOutput string

func (b badOutput) MarshalJSON() ([]byte, error) { return []byte(b), nil }

type nilKey interface{ MarshalText() ([]byte, error) }

func TestMarshalRefuses(t *testing.T) {
	cyclicMap := map[string]any{}
	cyclicMap["self"] = cyclicMap
	cyclicSlice := make([]any, 1)
	cyclicSlice[0] = cyclicSlice
	type node struct{ Next *node }
	cyclicNode := &node{}
	cyclicNode.Next = cyclicNode
	var cyclicPointer any
	cyclicPointer = &cyclicPointer
	type loop *loop
	var pointerLoop loop
	pointerLoop = &pointerLoop

	tests := []struct {
		name string
		in   any
		want error
	}{
		{"func", func() {}, errNoForm},
		{"chan", make(chan int), errNoForm},
		{"complex", 1i, errNoForm},
		{"embedded integer that is not exported", hiddenMethods{}, errHidden},
		{"embedded Marshaler that is not exported", hiddenMethods2{}, errHidden},
		{"func deep inside", []any{map[string]any{"f": t.Fatal}}, errNoForm},
		{"map with bool keys", map[bool]int{}, errKeyType},
		{"map with interface keys", map[any]int{"a": 1}, errKeyType},
		{"nil interface as key", map[nilKey]int{nil: 1}, nil},
		{"keys with one text", map[badKey]int{{1}: 1, {2}: 2}, errDuplicateKey},
		{"not UTF-8", secret + "\xff", errUTF8},
		{"not UTF-8 as key", map[string]any{secret + "\x80": 1}, errUTF8},
		{"not UTF-8 as key of a type", map[level2]int{"\xc0\x80": 1}, errUTF8},
		{"half of a surrogate half", "\xed\xa0", errUTF8},
		{"Number", json.Number(secret), errNumber},
		{"Number with spaces", json.Number(" 1"), errNumber},
		{"Number that Go alone knows", json.Number("0x10"), errNumber},
		{"Number with a leading zero", json.Number("01"), errNumber},
		{"RawMessage not UTF-8", json.RawMessage("\"" + secret + "\xe9\""), errUTF8},
		{"RawMessage without text", json.RawMessage{}, nil},
		{"RawMessage with two values", json.RawMessage("1 2"), nil},
		{"Marshaler's own error", failing{}, errSecret},
		{"TextMarshaler's own error", failingText{}, errSecret},
		{"TextMarshaler's own error for a key", map[failingText]int{{}: 1}, errSecret},
		{"Marshaler's output", badOutput("{" + secret), nil},
		{"long integer", new(big.Int).Exp(big.NewInt(10), big.NewInt(maxDigits), nil), ErrDigits},
		{"not UTF-8 in a quoted string", struct {
			S string `json:",string"`
		}{"\xff"}, errUTF8},
		{"nested slices of a type", nestedList(maxWriteNesting + 1), ErrNesting},
		{"nested maps of a type", nestedTree(maxWriteNesting + 1), ErrNesting},
		{"very long integer", new(big.Int).Lsh(big.NewInt(1), 1<<20), ErrDigits},
		{"long Number", json.Number("-" + strings.Repeat("9", maxDigits+1)), ErrDigits},
		{"long integer in RawMessage", json.RawMessage("[" + strings.Repeat("9", maxDigits+1) + "]"), ErrDigits},
		{"nested arrays", nested(maxWriteNesting + 1), ErrNesting},
		{"nested RawMessage", json.RawMessage(nestedText(maxWriteNesting + 1)), ErrNesting},
		{"nested RawMessage in an array", []any{json.RawMessage(nestedText(maxWriteNesting))}, ErrNesting},
		{"map in itself", cyclicMap, ErrNesting},
		{"slice in itself", cyclicSlice, ErrNesting},
		{"struct in itself", cyclicNode, ErrNesting},
		{"interface in itself", cyclicPointer, ErrNesting},
		{"pointer to itself", pointerLoop, ErrNesting},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := marshal(test.in)
			if err == nil {
				t.Fatalf("got %.100s", got)
			}
			if value := new(ValueError); !errors.As(err, &value) || value.Type == nil {
				t.Errorf("%T is no ValueError with a type", err)
			}
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%v is not %v", err, test.want)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("tells the value: %v", err)
			}
		})
	}
}

type (
	hiddenInt  = big.Int
	hiddenTime = time.Time
	level2     string
	// Their methods, being two of a name, are not those of the whole.
	hiddenMethods struct {
		hiddenInt  `json:"n"`
		hiddenTime `json:"t"`
	}
	hiddenMethods2 struct {
		hiddenTime `json:"t"`
		hiddenInt  `json:"n"`
	}
)

type badKey struct{ n int }

func (badKey) MarshalText() ([]byte, error) { return []byte("same"), nil }

func TestMarshalUpToTheBounds(t *testing.T) {
	longest := new(big.Int).Exp(big.NewInt(10), big.NewInt(maxDigits), nil)
	longest.Sub(longest, big.NewInt(1))
	nines := strings.Repeat("9", maxDigits)
	for _, test := range []struct {
		name string
		in   any
		want string
	}{
		{"integer", longest, nines},
		{"negative integer", new(big.Int).Neg(longest), "-" + nines},
		{"Number", json.Number("-" + nines), "-" + nines},
		{"float with more digits", json.Number(nines + "9.5"), nines + "9.5"},
		{"nesting", nested(maxWriteNesting), nestedText(maxWriteNesting)},
		{"nesting of a type", nestedList(maxWriteNesting), nestedText(maxWriteNesting)},
		{"nesting in part raw", []any{json.RawMessage(nestedText(maxWriteNesting - 1))}, nestedText(maxWriteNesting)},
	} {
		if got, err := marshal(test.in); err != nil || string(got) != test.want {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestMarshalConcurrently(t *testing.T) {
	type fresh struct {
		A []struct{ B map[string]*plain }
	}
	want := `{"A":null}`
	done := make(chan string)
	for range 8 {
		go func() {
			got, _ := marshal(fresh{})
			done <- string(got)
		}()
	}
	for range 8 {
		if got := <-done; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestFloat32ReadsBack(t *testing.T) {
	for bits := uint32(1); bits < 0x7f800000; bits += 104729 {
		f := math.Float32frombits(bits)
		text, err := marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var back float32
		if err := unmarshal(text, &back); err != nil || back != f {
			t.Fatalf("%x was written %s and read %x, %v", bits, text, math.Float32bits(back), err)
		}
	}
}
