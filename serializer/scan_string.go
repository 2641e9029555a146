package serializer

import "math/bits"

// scanString checks the string whose opening quote is text[i] and returns the
// place after its closing quote. It looks at eight bytes at once.
func scanString(text string, i int) (int, error) {
	for i++; ; {
		var c byte
		if i+8 <= len(text) {
			// The high bit of a byte is set in ends if a run of plain characters ends there, and maybe in bytes after it.
			// With its second bit flipped, '"' is ' ', and no other byte but those below ' ' is below '!'.
			const each = 0x0101010101010101
			x := eightBytes(text[i : i+8])
			flipped, backslash := x^2*each, x^'\\'*each
			ends := ((flipped - '!'*each) | (backslash - each)) &^ x & (0x80 * each)
			if ends == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(ends) / 8
			c = text[i]
		} else if i == len(text) {
			return i, &SyntaxError{i, "the text ends inside a string"}
		} else if c = text[i]; c >= ' ' && c != '"' && c != '\\' {
			i++
			continue
		}
		if c == '"' {
			return i + 1, nil
		}
		var err error
		if i, err = scanEscape(text, i); err != nil {
			return i, err
		}
	}
}

// scanEscape checks the escape at text[i], which is the first character that is not plain, and returns its end.
func scanEscape(text string, i int) (int, error) {
	if text[i] != '\\' {
		return i, &SyntaxError{i, "control character in a string"}
	}
	switch at(text, i+1) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, nil
	case 'u':
		if _, ok := parseHex4(text, i+2); !ok {
			return i, &SyntaxError{i, "expected four hexadecimal digits after \\u"}
		}
		return i + 6, nil
	}
	if i+1 == len(text) {
		return i + 1, &SyntaxError{i + 1, "the text ends inside a string"}
	}
	return i, &SyntaxError{i, "unknown escape in a string"}
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

// eightBytes returns the eight bytes of text, the first one lowest.
func eightBytes(text string) uint64 {
	_ = text[7]
	return uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
		uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56
}
