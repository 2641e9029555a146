package serializer

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

func sharesMemory(part, whole string) bool {
	p, w := uintptr(unsafe.Pointer(unsafe.StringData(part))), uintptr(unsafe.Pointer(unsafe.StringData(whole)))
	return w <= p && p < w+uintptr(len(whole))
}

func TestLoadsMembers(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{`{}`, nil},
		{" { \n } ", nil},
		{`{"a":1}`, []string{`a=1`}},
		{" {\t\"a\" : [ 1 , {} ] ,\r\n\"\\u0062\":\"x,}\" } ", []string{`a=[ 1 , {} ]`, `b="x,}"`}},
		{`{"":{"a":{"b":2}},"x":NaN}`, []string{`={"a":{"b":2}}`, `x=NaN`}},
	} {
		if got := items(mustLoad(t, test.text)); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}

// Loads must say of each text what Parse says of it.
func TestLoadsErrors(t *testing.T) {
	texts := []string{
		``, ` `, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{"a":1}}`, `{"a":1} x`, `{a:1}`, `{"a" 1}`,
		`{"a":1 "b":2}`, `{"a":1]`, `{"a":[1}`, `{"a":tru}`, `{,}`, `{"a":"\x"}`, "{\"a\n\":1}", `{]`, `x`, `{"a":1;"b":2}`,
		`[1`, `"a`, `{"a":` + nestedText(maxScanNesting) + `}`,
	}
	for _, text := range texts {
		_, want := Parse([]byte(text))
		if d, err := JSON.Loads([]byte(text)); want == nil || d != nil || !reflect.DeepEqual(err, want) {
			t.Errorf("%.40q: got %v, want %v", text, err, want)
		}
	}
	for _, text := range []string{`[]`, `1`, ` "a" `, `null`, `NaN`} {
		if _, err := JSON.Loads([]byte(text)); !errors.Is(err, ErrNotObject) {
			t.Errorf("%q: got %v", text, err)
		}
	}
	if _, err := JSON.Loads([]byte(`{"a":` + nestedText(maxScanNesting-1) + `}`)); err != nil {
		t.Errorf("deeply nested: %v", err)
	}
}

func TestKindOf(t *testing.T) {
	for text, want := range map[string]string{
		"": "null", "null": "null", "true": "bool", "false": "bool", `"x"`: "string", "[1]": "array", "{}": "object",
		"0": "int", "-12": "int", "123456789012345678901": "int",
		"0.0": "float", "1e5": "float", "-1E5": "float", "NaN": "float", "Infinity": "float", "-Infinity": "float",
		"1,2.5": "int", // only what begins there counts
	} {
		if got := kindOf(text).String(); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
	if got := Kind(99).String(); got != "unknown" {
		t.Errorf("got %s", got)
	}
}

func TestScanKeepsContainersApart(t *testing.T) {
	// Alternating containers exercise the remembered kinds across words.
	text := strings.Repeat(`[{"a":`, 200) + "1" + strings.Repeat(`}]`, 200)
	if err := valid(text); err != nil {
		t.Error(err)
	}
	wrong := strings.Repeat(`[{"a":`, 200) + "1" + strings.Repeat(`}]`, 99) + "]"
	if err := valid(wrong); !errors.As(err, new(*SyntaxError)) {
		t.Errorf("got %v", err)
	}
}

// TestGrammarLikeStdlib tries every short text of the characters that make up the structure.
func TestGrammarLikeStdlib(t *testing.T) {
	const characters = `{}[]:,"1 `
	var room [6]byte
	var try func(n int)
	try = func(n int) {
		text := room[:n]
		want := json.Valid(text)
		if err := valid(string(text)); (err == nil) != want {
			t.Fatalf("%s: got %v, encoding/json says %t", text, err, want)
		}
		object := strings.HasPrefix(strings.TrimSpace(string(text)), "{")
		if _, err := JSON.Loads(text); (err == nil) != (want && object) {
			t.Fatalf("%s: Loads says %v", text, err)
		}
		for i := range characters {
			if n < len(room) {
				room[n] = characters[i]
				try(n + 1)
			}
		}
	}
	try(0)
}

func TestSyntaxErrorOffsets(t *testing.T) {
	for text, want := range map[string]string{
		``:               "not JSON: the text ends where a value is expected at byte 0",
		`  `:             "not JSON: the text ends where a value is expected at byte 2",
		`[`:              "not JSON: the text ends where a value is expected at byte 1",
		`[1`:             "not JSON: the text ends inside an array at byte 2",
		`{"a":1`:         "not JSON: the text ends inside an object at byte 6",
		`[1 2]`:          "not JSON: expected a comma or the array's end at byte 3",
		`{"a":1 "b"`:     "not JSON: expected a comma or the object's end at byte 7",
		`[1,]`:           "not JSON: expected a value at byte 3",
		`{"a":1,}`:       "not JSON: expected an object's key in double quotes at byte 7",
		`{s3cr3t:1}`:     "not JSON: expected an object's key in double quotes at byte 1",
		`{"a" 1}`:        "not JSON: expected a colon after an object's key at byte 5",
		`{"a":}`:         "not JSON: expected a value at byte 5",
		`[{"a":1,"b":}]`: "not JSON: expected a value at byte 12",
		`"s3cr3t`:        "not JSON: the text ends inside a string at byte 7",
		`"s3cr3t\`:       "not JSON: the text ends inside a string at byte 8",
		`"a\x"`:          "not JSON: unknown escape in a string at byte 2",
		`"a\u12"`:        "not JSON: expected four hexadecimal digits after \\u at byte 2",
		"\"a\nb\"":       "not JSON: control character in a string at byte 2",
		`1 s3cr3t`:       "not JSON: unexpected text after the value at byte 2",
		"\xef\xbb\xbf{}": "not JSON: expected a value at byte 0",
	} {
		err := unmarshal([]byte(text), new(any))
		if err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}
