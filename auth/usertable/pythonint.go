package usertable

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxDigits is the most that Python's int takes of a decimal text, leading zeros
// among them.
const maxDigits = 4300

// pythonInt reads text as Python's int(text, base) does, base being 10 or 16. It
// returns ASCII digits, with a "-" before them if there was one. As in Python there
// may be white space around, a sign, one underscore between two digits and, in base
// 16, "0x" before the first; a digit may be of any script.
func pythonInt(text string, base int) (digits string, ok bool) {
	text = strings.TrimFunc(text, unicode.IsSpace)
	if len(text) > (utf8.UTFMax+1)*maxDigits {
		return "", false // also with underscores it has too many
	}
	ascii := make([]byte, 0, 36)
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			ascii = append(ascii, byte(r))
		case unicode.IsDigit(r):
			ascii = append(ascii, '0'+digitValue(r))
		default:
			return "", false
		}
	}
	return asciiInt(ascii, base)
}

// digitValue is the value of a decimal digit. Unicode keeps each script's ten in a
// row; some rows touch.
func digitValue(r rune) byte {
	n := 0
	for unicode.IsDigit(r - 1) {
		r--
		n++
	}
	return byte(n % 10)
}

// asciiInt is pythonInt of a text in ASCII without white space around it.
func asciiInt(text []byte, base int) (digits string, ok bool) {
	sign := ""
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		sign, text = strings.TrimPrefix(string(text[:1]), "+"), text[1:]
	}
	if base == 16 && len(text) > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') {
		// Here an underscore stands for itself, before the first digit.
		text = bytes.TrimPrefix(text[2:], []byte("_"))
	}
	previous := byte('_')
	n := 0
	for _, c := range text {
		switch {
		case c == '_' && previous == '_', c != '_' && !isDigit(c, base):
			return "", false
		case c != '_':
			text[n] = c
			n++
		}
		previous = c
	}
	if previous == '_' || base == 10 && n > maxDigits {
		return "", false
	}
	return sign + string(text[:n]), true
}

func isDigit(c byte, base int) bool {
	return '0' <= c && c <= '9' || base == 16 && ('a' <= c|0x20 && c|0x20 <= 'f')
}
