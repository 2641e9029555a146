package serializer

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
)

func TestEncode(t *testing.T) {
	loaded := mustLoadValue(t, `[ 1.50 , NaN ]`)
	for _, test := range []struct {
		in   any
		want string
		kind Kind
	}{
		{nil, `null`, Null},
		{true, `true`, Bool},
		{2, `2`, Int},
		{2.0, `2.0`, Float},
		{math.NaN(), `NaN`, Float},
		{math.Inf(-1), `-Infinity`, Float},
		{new(big.Int).Lsh(big.NewInt(1), 70), `1180591620717411303424`, Int},
		{json.Number("1E5"), `1E5`, Float},
		{"é😀", `"\u00e9\ud83d\ude00"`, String},
		{[]string{"a"}, `["a"]`, Array},
		{map[string]any{"b": 1, "a": 2.0}, `{"a":2.0,"b":1}`, Object},
		{json.RawMessage(`{"b": 1, "a": 2.50}`), `{"b":1,"a":2.50}`, Object},
		{loaded, `[ 1.50 , NaN ]`, Array},
		{&loaded, `[ 1.50 , NaN ]`, Array},
		{(*Value)(nil), `null`, Null},
		{Value{}, `null`, Null},
		{[]Value{loaded, {}}, `[[1.50,NaN],null]`, Array},
		{map[string]*Value{"v": &loaded, "n": nil}, `{"n":null,"v":[1.50,NaN]}`, Object},
	} {
		got, err := Encode(test.in)
		if err != nil || string(got.Bytes()) != test.want || got.Kind() != test.kind {
			t.Errorf("%T: got %s of kind %v, %v; want %s", test.in, got.Bytes(), got.Kind(), err, test.want)
		}
		if got.IsNull() != (test.kind == Null) || got.Format() != FormatJSON {
			t.Errorf("%s: IsNull is %t, Format %v", test.want, got.IsNull(), got.Format())
		}
	}
}

// What is in a session may be beyond Python's limits; putting it there anew is
// refused.
func TestEncodeBounds(t *testing.T) {
	deep := strings.Repeat("[", 501) + strings.Repeat("]", 501)
	long := strings.Repeat("9", 4301)
	for text, want := range map[string]error{deep: ErrNesting, long: ErrDigits, deep[1:501] + deep[501:1001]: nil, long[1:]: nil} {
		v := mustLoadValue(t, text)
		for _, in := range []any{v, &v, json.RawMessage(text)} {
			if _, err := Encode(in); !errors.Is(err, want) {
				t.Errorf("%.5s...: %T: got %v, want %v", text, in, err, want)
			}
		}
		if want != nil && !errors.As(mustFail(t, v), new(*ValueError)) {
			t.Errorf("%v is no ValueError", mustFail(t, v))
		}
	}
	if _, err := Encode(func() {}); !errors.As(err, new(*ValueError)) {
		t.Errorf("got %v", err)
	}
}

func mustFail(t *testing.T, in any) error {
	t.Helper()
	_, err := Encode(in)
	if err == nil {
		t.Fatal("no error")
	}
	return err
}

func TestDecode(t *testing.T) {
	v := mustLoadValue(t, ` {"id": 7, "big": 123456789012345678901234567890, "price": 1.50, "raw" : [ 1.0 ],"t":"\u00e9"} `)
	type target struct {
		ID    int64           `json:"id"`
		Big   *big.Int        `json:"big"`
		Price json.Number     `json:"price"`
		Raw   json.RawMessage `json:"raw"`
		Text  string          `json:"t"`
	}
	var got target
	if err := v.Decode(&got); err != nil {
		t.Fatal(err)
	}
	n, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	want := target{7, n, "1.50", json.RawMessage(`[ 1.0 ]`), "é"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	var number int
	err := mustLoadValue(t, `"s3cr3t"`).Decode(&number)
	if !errors.As(err, new(*TypeError)) || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("got %v", err)
	}
	if err := v.Decode(target{}); !errors.As(err, new(*TargetError)) {
		t.Errorf("got %v", err)
	}
	left := 5
	if err := (Value{}).Decode(&left); err != nil || left != 5 {
		t.Errorf("null: got %d, %v", left, err)
	}
}

// Reading a value into an any and encoding it again keeps all but spelling and
// the order of keys.
func TestAnyKeepsTypes(t *testing.T) {
	for _, text := range []string{
		`null`, `true`, `1`, `1.0`, `-0.0`, `9223372036854775808`, `NaN`, `Infinity`, `1e+16`, `1e-05`, `0.1`,
		`"\ud800\u00e9"`, `[]`, `{}`, `{"a":[1,1.0,{"b":null}]}`,
	} {
		var value any
		if err := mustLoadValue(t, text).Decode(&value); err != nil {
			t.Fatal(err)
		}
		if got := mustEncode(t, value); string(got.Bytes()) != text {
			t.Errorf("%s became %s", text, got.Bytes())
		}
	}
}

// Values within values keep their spelling while others change.
func TestDecodeInPart(t *testing.T) {
	v := mustLoadValue(t, `{"a":1.50,"b":{"z":1,"a":2},"c":"\u00E9","d":"`+"\xe9"+`"}`)
	var parts map[string]Value
	if err := v.Decode(&parts); err != nil {
		t.Fatal(err)
	}
	parts["a"] = mustEncode(t, 2)
	got := mustEncode(t, parts)
	if want := `{"a":2,"b":{"z":1,"a":2},"c":"\u00E9","d":"\u00e9"}`; string(got.Bytes()) != want {
		t.Errorf("got %s, want %s", got.Bytes(), want)
	}
	var plain Value
	if err := json.Unmarshal([]byte(`{"v": "é"}`), &parts); err != nil || !parts["v"].Equal(mustEncode(t, "é")) {
		t.Errorf("from encoding/json: %v", err)
	}
	if err := plain.UnmarshalJSON([]byte(`{`)); !errors.As(err, new(*SyntaxError)) {
		t.Errorf("got %v", err)
	}
	text, err := json.Marshal(mustLoadValue(t, "\"\xe9\""))
	if err != nil || string(text) != `"\u00e9"` {
		t.Errorf("for encoding/json: %s, %v", text, err)
	}
}

func TestValueIsImmutable(t *testing.T) {
	v := mustEncode(t, []int{1})
	v.Bytes()[1] = '9'
	raw := json.RawMessage(`[1]`)
	w := mustEncode(t, raw)
	raw[1] = '9'
	if !v.Equal(w) || string(v.Bytes()) != `[1]` {
		t.Errorf("got %s and %s", v.Bytes(), w.Bytes())
	}
	if v.Equal(Value{}) || !(Value{}).Equal(mustEncode(t, nil)) {
		t.Error("wrong answer from Equal")
	}
}

func TestParse(t *testing.T) {
	data := []byte(" [1.50,\n\"\xe9\"] ")
	v, err := Parse(data)
	data[2] = '9'
	if err != nil || string(v.Bytes()) != "[1.50,\n\"\xe9\"]" {
		t.Errorf("got %q, %v", v.Bytes(), err)
	}
	for _, text := range []string{"", "[1", "1 2", "é"} {
		if v, err := Parse([]byte(text)); !errors.As(err, new(*SyntaxError)) || !v.IsNull() {
			t.Errorf("%q: got %v, %v", text, v, err)
		}
	}
	if _, err := Parse([]byte(nestedText(maxScanNesting + 1))); !errors.Is(err, ErrNesting) {
		t.Errorf("nested too deeply: %v", err)
	}
}
