package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/djsession/djsession/serializer"
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

// FuzzIndent compares with encoding/json where that can read the text, and in
// any case looks for what must not change: all but the blanks.
func FuzzIndent(f *testing.F) {
	f.Add(`{"a":[1.0,{"b":"\"}"},[],{}],"c":null}`)
	f.Add(`{ "a" : NaN }`)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := serializer.JSON.Loads([]byte(text)); err != nil {
			t.Skip("not a session")
		}
		got := indent([]byte(text))
		var want, again bytes.Buffer
		if json.Indent(&want, []byte(text), "", "  ") == nil && strings.Count(text, "[")+strings.Count(text, "{") < deepest {
			if !bytes.Equal(got, bytes.TrimSpace(want.Bytes())) {
				t.Errorf("%q becomes\n%s, want\n%s", text, got, want.Bytes())
			}
			if err := json.Compact(&again, got); err != nil {
				t.Error(err)
			}
		}
		if _, err := serializer.JSON.Loads(got); err != nil {
			t.Errorf("%q becomes %q, which is no JSON", text, got)
		}
		if twice := indent(got); !bytes.Equal(twice, got) {
			t.Errorf("%q becomes %q, and that %q", text, got, twice)
		}
	})
}
