package serializer

//lint:file-ignore SA5008 a tag that encoding/json reads in two ways is what is tested

import (
	"reflect"
	"testing"
)

// TestSameOnEveryGoRelease tests what encoding/json does in one way up to Go 1.26 and in
// another since. This package does the same with either.
func TestSameOnEveryGoRelease(t *testing.T) {
	type badTag struct {
		K int `json:"bad\"name"`
	}
	if text, err := marshal(badTag{1}); err != nil || string(text) != `{"K":1}` {
		t.Errorf("a tag with a quote in its name is written as %s, %v; want the field's name", text, err)
	}
	type optional struct {
		Q *celsius `json:",string"`
	}
	q := optional{new(celsius(1.5))}
	text, err := marshal(q)
	if err != nil || string(text) != `{"Q":{"c":1.5}}` {
		t.Errorf("a type with a method of its own and the string option is written as %s, %v", text, err)
	}
	var back optional
	if err := unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, q) {
		t.Errorf("a type with a method of its own and the string option is not read back: %v, %v", back.Q, err)
	}
	for _, tt := range []struct {
		text string
		into any
	}{
		{`{}`, new(map[bool]int)},
		{`{"null":1}`, new(map[int]int)},
		{`{"null":1}`, new(map[uint8]int)},
		{`{"1.0":1}`, new(map[int]int)},
		{`{" 1":1}`, new(map[int]int)},
	} {
		if err := unmarshal([]byte(tt.text), tt.into); err == nil {
			t.Errorf("%s was read into %T", tt.text, tt.into)
		}
	}
}
