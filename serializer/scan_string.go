package serializer

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// endsPlain has the bytes that end a run of plain characters within a string.
var endsPlain = bytesWhere(func(c byte) bool { return c < ' ' || c == '"' || c == '\\' })

// skipPlain returns where the run of plain characters from text[i] on ends. It looks at eight at once.
func skipPlain(text string, i int) int {
	data := unsafe.Slice(unsafe.StringData(text), len(text))
	for ; len(data)-i >= 8; i += 8 {
		// The high bit of a byte is set in found if the byte ends the run. Above the first such byte, some more may be.
		const low, high = 0x0101010101010101, 0x8080808080808080
		x := binary.LittleEndian.Uint64(data[i:])
		quote, backslash := x^'"'*low, x^'\\'*low
		if found := ((quote-low)&^quote | (backslash-low)&^backslash | (x-' '*low)&^x) & high; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(text) && !endsPlain[text[i]] {
		i++
	}
	return i
}

// scanString checks the string whose opening quote is text[i] and returns the
// place after its closing quote.
func scanString(text string, i int) (int, error) {
	for i++; ; i++ {
		if i = skipPlain(text, i); i == len(text) {
			return i, &SyntaxError{i, "the text ends inside a string"}
		}
		switch c := text[i]; {
		case c == '"':
			return i + 1, nil
		case c == '\\' && i+1 < len(text):
			switch text[i+1] {
			case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
				i++
			case 'u':
				if _, ok := parseHex4(text, i+2); !ok {
					return i, &SyntaxError{i, "expected four hexadecimal digits after \\u"}
				}
				i += 5
			default:
				return i, &SyntaxError{i, "unknown escape in a string"}
			}
		case c != '\\':
			return i, &SyntaxError{i, "control character in a string"}
		}
	}
}

// parseHex4 reads the four hexadecimal digits at text[i].
func parseHex4(text string, i int) (r rune, ok bool) {
	for end := i + 4; i < end; i++ {
		switch c := at(text, i); {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
