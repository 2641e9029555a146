package serializer

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestNesting(t *testing.T) {
	type node struct{ Next *node }
	objects := func(levels int) string {
		return strings.Repeat(`{"Next":`, levels) + "null" + strings.Repeat("}", levels)
	}
	for _, test := range []struct {
		name string
		text string
		into any
		want error
	}{
		{"any", nestedText(maxDecodeNesting), new(any), nil},
		{"any, deeper", nestedText(maxDecodeNesting + 1), new(any), ErrNesting},
		{"a type, deeper", nestedText(maxDecodeNesting + 1), new(list), ErrNesting},
		{"map, deeper", objects(maxDecodeNesting + 1), new(map[string]any), ErrNesting},
		{"struct", objects(maxDecodeNesting), new(node), nil},
		{"struct, deeper", objects(maxDecodeNesting + 1), new(node), ErrNesting},
		{"raw", nestedText(maxScanNesting), new(json.RawMessage), nil},
		{"raw, deeper", nestedText(maxScanNesting + 1), new(json.RawMessage), ErrNesting},
		{"ignored", `{"ignored":` + nestedText(maxScanNesting-1) + `}`, new(item), nil},
		{"map of a type, deeper", strings.Repeat(`{"1":`, maxDecodeNesting+1) + "{}" + strings.Repeat("}", maxDecodeNesting+1), new(tree), ErrNesting},
		{"without end", strings.Repeat("[", 1<<20), new(any), ErrNesting},
		{"objects without end", strings.Repeat(`{"":`, 1<<20), new(any), ErrNesting},
	} {
		if err := unmarshal([]byte(test.text), test.into); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
}

func nested(levels int) any {
	v := []any{}
	for range levels - 1 {
		v = []any{v}
	}
	return v
}

type (
	list []list
	tree map[int]tree
)

func nestedList(levels int) list {
	if levels == 1 {
		return list{}
	}
	return list{nestedList(levels - 1)}
}

func nestedTree(levels int) tree {
	if levels == 1 {
		return tree{}
	}
	return tree{1: nestedTree(levels - 1)}
}

func nestedText(levels int) string {
	return strings.Repeat("[", levels) + strings.Repeat("]", levels)
}

// Pointers do not count as nesting, however many a level has.
func TestMarshalPointersWithinNesting(t *testing.T) {
	v := any(nil)
	for range maxWriteNesting {
		inner := v
		p := &inner
		v = []**any{&p}
	}
	got, err := marshal(v)
	if want := strings.Repeat("[", maxWriteNesting) + "null" + strings.Repeat("]", maxWriteNesting); err != nil || string(got) != want {
		t.Errorf("%v", err)
	}
}

func TestCheckWritable(t *testing.T) {
	for text, want := range map[string]error{
		nestedText(maxWriteNesting):              nil,
		nestedText(maxWriteNesting + 1):          ErrNesting,
		strings.Repeat("1", maxDigits):           nil,
		strings.Repeat("1", maxDigits+1):         ErrDigits,
		"[" + strings.Repeat("1", 5000) + ".0]":  nil,
		"[-" + strings.Repeat("1", 5000) + ",1]": ErrDigits,
	} {
		if err := validate(text, writeLimits); err != want {
			t.Errorf("%.20s...: got %v, want %v", text, err, want)
		}
	}
}
