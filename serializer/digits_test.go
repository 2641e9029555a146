package serializer

import (
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
)

// An integer longer than Python reads takes a time that grows with the square
// of its length: it is left in its digits.
func TestLongIntegers(t *testing.T) {
	longest, longer := "-"+strings.Repeat("9", maxDigits), strings.Repeat("9", 1<<20)
	for _, into := range []any{new(any), new(big.Int), new(*big.Int), new([]any), new(map[string]any)} {
		wrap := func(text string) []byte {
			switch into.(type) {
			case *[]any:
				text = "[" + text + "]"
			case *map[string]any:
				text = `{"a":` + text + "}"
			}
			return []byte(text)
		}
		if err := unmarshal(wrap(longest), into); err != nil {
			t.Errorf("%T: %d digits: %v", into, maxDigits, err)
		}
		if err := unmarshal(wrap(longer), into); !errors.Is(err, ErrDigits) {
			t.Errorf("%T: a million digits: %v, want ErrDigits", into, err)
		}
	}
	var number json.Number
	if err := unmarshal([]byte(longer), &number); err != nil || number.String() != longer {
		t.Errorf("json.Number: %v", err)
	}
	var raw json.RawMessage
	if err := unmarshal([]byte(longer), &raw); err != nil || string(raw) != longer {
		t.Errorf("json.RawMessage: %v", err)
	}
}
