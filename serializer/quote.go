package serializer

import (
	"strings"
	"unicode/utf8"
)

const lowerHex = "0123456789abcdef"

// needsEscape marks the bytes that Python does not write as they are: all but
// printable ASCII, and the quote and the backslash of that.
var needsEscape = func() (t [256]bool) {
	for c := range t {
		t[c] = c < ' ' || c > '~' || c == '"' || c == '\\'
	}
	return t
}()

// AppendQuoted appends s as a JSON string, in ASCII, with Python's escapes. A
// half of a surrogate pair that stands alone, in the three bytes that UTF-8
// would give it if it were allowed there, is written as its \ud escape. Other
// text that is not UTF-8 is an error, and dst is returned as it was: replacing
// it, as encoding/json does, would lose data without a word.
func appendQuoted(dst []byte, s string) ([]byte, error) {
	out := append(dst, '"')
	out, ok := appendEscaped(out, s)
	if !ok {
		return dst, errUTF8
	}
	return append(out, '"'), nil
}

func appendEscaped(dst []byte, s string) ([]byte, bool) {
	plain := 0
	for i := 0; i < len(s); {
		if !needsEscape[s[i]] {
			i++
			continue
		}
		dst = append(dst, s[plain:i]...)
		r, size := decodeWTF8(s[i:])
		if size == 0 {
			return dst, false
		}
		dst = appendEscape(dst, r)
		i += size
		plain = i
	}
	return append(dst, s[plain:]...), true
}

func appendEscape(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	}
	if r >= 0x10000 {
		r -= 0x10000
		dst = appendHexEscape(dst, 0xd800+r>>10)
		r = 0xdc00 + r&0x3ff
	}
	return appendHexEscape(dst, r)
}

func appendHexEscape(dst []byte, r rune) []byte {
	return append(dst, '\\', 'u', lowerHex[r>>12&15], lowerHex[r>>8&15], lowerHex[r>>4&15], lowerHex[r&15])
}

// decodeWTF8 reads the character at the beginning of s: UTF-8, or a surrogate
// in three bytes. The size is 0 if there is none.
func decodeWTF8(s string) (rune, int) {
	r, size := utf8.DecodeRuneInString(s)
	if r != utf8.RuneError || size != 1 {
		return r, size
	}
	if len(s) >= 3 && s[0] == 0xed && s[1]&0xe0 == 0xa0 && s[2]&0xc0 == 0x80 {
		return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), 3
	}
	return 0, 0
}

// Unquote gives the Go string that the valid JSON string quoted stands for, as
// Django reads it: its bytes are Latin-1, so one that is not ASCII is a
// character of its own. A surrogate half that stands alone comes as the three
// bytes that UTF-8 would give it; such a Go string is not valid UTF-8, and
// [AppendQuoted] writes it back as it was. Where it can, the result shares
// memory with quoted.
func unquote(quoted string) string {
	s := quoted[1 : len(quoted)-1]
	plain := plainPrefix(s)
	if plain == len(s) {
		return s
	}
	return unescape(s, plain)
}

// unquoteCopy is [Unquote] with a result that keeps no other memory alive.
func unquoteCopy(quoted string) string {
	s := quoted[1 : len(quoted)-1]
	plain := plainPrefix(s)
	if plain == len(s) {
		return strings.Clone(s)
	}
	return unescape(s, plain)
}

// plainPrefix counts the bytes before the first that is not a character as it is.
func plainPrefix(s string) int {
	for i := range len(s) {
		if s[i] == '\\' || s[i] >= utf8.RuneSelf {
			return i
		}
	}
	return len(s)
}

// unescape is the rest of [Unquote], from s[i] on.
func unescape(s string, i int) string {
	var room [128]byte
	out := append(room[:0], s[:i]...)
	for i < len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			out = utf8.AppendRune(out, rune(c))
			i++
		case c != '\\':
			out = append(out, c)
			i++
		case s[i+1] == 'u':
			var r rune
			r, i = unescapeHex(s, i)
			out = appendWTF8(out, r)
		default:
			out = append(out, unescapeShort(s[i+1]))
			i += 2
		}
	}
	return string(out)
}

// unescapeHex reads the \u escape at s[i], together with the next one if the
// two are a surrogate pair, and returns the place after it.
func unescapeHex(s string, i int) (rune, int) {
	r, _ := parseHex4(s, i+2)
	i += 6
	if r&^0x3ff == 0xd800 && i+1 < len(s) && s[i] == '\\' && s[i+1] == 'u' {
		if low, _ := parseHex4(s, i+2); low&^0x3ff == 0xdc00 {
			return 0x10000 + (r&0x3ff)<<10 + low&0x3ff, i + 6
		}
	}
	return r, i
}

func unescapeShort(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c // a quote, a backslash or a slash
}

func appendWTF8(dst []byte, r rune) []byte {
	if r&^0x7ff == 0xd800 {
		return append(dst, 0xe0|byte(r>>12), 0x80|byte(r>>6&0x3f), 0x80|byte(r&0x3f))
	}
	return utf8.AppendRune(dst, r)
}
