package main

import (
	"strings"
	"testing"
)

func TestIndent(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                       `{}`,
		` [ ] `:                    `[]`,
		`{"a":1}`:                  "{\n  \"a\": 1\n}",
		`{"a":[],"b":{"c":[1,2]}}`: "{\n  \"a\": [],\n  \"b\": {\n    \"c\": [\n      1,\n      2\n    ]\n  }\n}",
		`{"{\"a\":[1,2]}\\":1}`:    "{\n  \"{\\\"a\\\":[1,2]}\\\\\": 1\n}",
		`{"a":NaN,"b":-Infinity}`:  "{\n  \"a\": NaN,\n  \"b\": -Infinity\n}",
	} {
		if got := string(indent([]byte(text))); got != want {
			t.Errorf("%s becomes\n%s, want\n%s", text, got, want)
		}
	}
}

// However deep a text is nested, it does not drown in blanks.
func TestIndentIsBounded(t *testing.T) {
	const depth = 100_000
	text := strings.Repeat("[", depth) + strings.Repeat("]", depth)
	if got := indent([]byte(text)); len(got) > 2*depth*(2*deepest+3) {
		t.Errorf("%d bytes become %d", len(text), len(got))
	}
}
