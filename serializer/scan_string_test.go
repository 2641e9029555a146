package serializer

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Each byte ends a run of plain characters or does not, at every place and beside every other.
func TestScanStringEveryByte(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for first := range 256 {
		for second := range 256 {
			before := strings.Repeat("x", r.IntN(20))
			text := `"` + before + string([]byte{byte(first), byte(second)}) + strings.Repeat("y", r.IntN(12)) + `"`
			got, gotErr := scanString(text, 0)
			want, wantErr := scanByByte(text)
			if got != want || (gotErr == nil) != (wantErr == "") || gotErr != nil && !strings.Contains(gotErr.Error(), wantErr) {
				t.Fatalf("%q: %d, %v; want %d, %q", text, got, gotErr, want, wantErr)
			}
		}
	}
}

// scanByByte is scanString for strings whose escapes are of two bytes.
func scanByByte(text string) (end int, err string) {
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return i + 1, ""
		case c < ' ':
			return i, "control character in a string"
		case c != '\\':
		case i+1 == len(text):
		case text[i+1] == 'u':
			return i, "four hexadecimal digits"
		case strings.IndexByte(`"\/bfnrt`, text[i+1]) < 0:
			return i, "unknown escape"
		default:
			i++
		}
	}
	return len(text), "the text ends inside a string"
}
