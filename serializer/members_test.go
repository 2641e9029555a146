package serializer

import (
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

func TestMembers(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{`{}`, nil},
		{" { \n } ", nil},
		{`{"a":1}`, []string{`"a"`, `1`}},
		{" {\t\"a\" : [ 1 , {} ] ,\r\n\"\\u0061\":\"x,}\" } ", []string{`"a"`, `[ 1 , {} ]`, `"\u0061"`, `"x,}"`}},
		{`{"":{"a":{"b":2}},"x":NaN}`, []string{`""`, `{"a":{"b":2}}`, `"x"`, `NaN`}},
	} {
		var got []string
		m := memberScan{Text: test.text}
		for m.Next() {
			got = append(got, m.Key, m.Value)
		}
		if m.Err() != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: got %q, %v; want %q", test.text, got, m.Err(), test.want)
		}
		if m.Next() {
			t.Errorf("%q: more after the end", test.text)
		}
	}
}

// memberScan must say of each text what Valid says of it.
func TestMembersErrors(t *testing.T) {
	texts := []string{
		``, ` `, `{`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{"a":1}}`, `{"a":1} x`, `{a:1}`, `{"a" 1}`,
		`{"a":1 "b":2}`, `{"a":1]`, `{"a":[1}`, `{"a":tru}`, `{,}`, `{"a":"\x"}`, "{\"a\n\":1}", `{]`, `x`, `{"a":1;"b":2}`,
		`[1`, `"a`, `{"a":` + nestedText(maxScanNesting) + `}`,
	}
	for _, text := range texts {
		m := memberScan{Text: text}
		for m.Next() {
		}
		if want := valid(text); want == nil || !reflect.DeepEqual(m.Err(), want) {
			t.Errorf("%.40q: got %v, want %v", text, m.Err(), want)
		}
		if m.Next() || m.Key != "" || m.Value != "" {
			t.Errorf("%.40q: something after the error", text)
		}
	}
	for _, text := range []string{`[]`, `1`, ` "a" `, `null`, `NaN`} {
		m := memberScan{Text: text}
		if m.Next() || !errors.Is(m.Err(), ErrNotObject) {
			t.Errorf("%q: got %v", text, m.Err())
		}
	}
	m := memberScan{Text: `{"a":` + nestedText(maxScanNesting-1) + `}`}
	if !m.Next() || m.Next() || m.Err() != nil {
		t.Errorf("deeply nested: %v", m.Err())
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
