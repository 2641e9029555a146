package serializer

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// What Python writes as an escape: all but printable ASCII, and the quote and the
// backslash of that; within the text of a string all that is not ASCII.
var (
	needsEscape = bytesWhere(func(c byte) bool { return c < ' ' || c > '~' || c == '"' || c == '\\' })
	notASCII    = bytesWhere(func(c byte) bool { return c >= utf8.RuneSelf })
)

func bytesWhere(f func(byte) bool) (t [256]bool) {
	for c := range t {
		t[c] = f(byte(c))
	}
	return t
}

// appendQuoted appends s as a JSON string, in ASCII, with Python's escapes. A lone
// surrogate, in the three bytes that UTF-8 would use for it, becomes its \ud escape.
// Other text that is not UTF-8 is an error, and dst is returned as it was: to replace
// it, as encoding/json does, would lose data.
func appendQuoted(dst []byte, s string) ([]byte, error) {
	out, err := appendEscaped(append(dst, '"'), s, &needsEscape)
	if err != nil {
		return dst, err
	}
	return append(out, '"'), nil
}

// appendEscaped appends s with the characters escaped that begin with one of these bytes.
func appendEscaped(dst []byte, s string, escaped *[256]bool) ([]byte, error) {
	plain := 0
	for i := 0; i < len(s); {
		if !escaped[s[i]] {
			i++
			continue
		}
		dst = append(dst, s[plain:i]...)
		r, size := decodeWTF8(s[i:])
		if size == 0 {
			return dst, errUTF8
		}
		dst = appendEscape(dst, r)
		i += size
		plain = i
	}
	return append(dst, s[plain:]...), nil
}

// The escapes of one letter, and what they stand for.
const (
	shortEscapes = `bfnrt"\`
	shortEscaped = "\b\f\n\r\t\"\\"
)

func appendEscape(dst []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		if i := strings.IndexByte(shortEscaped, byte(r)); i >= 0 {
			return append(dst, '\\', shortEscapes[i])
		}
	}
	if r >= 0x10000 {
		high, low := utf16.EncodeRune(r)
		return appendHexEscape(appendHexEscape(dst, high), low)
	}
	return appendHexEscape(dst, r)
}

func appendHexEscape(dst []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
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

func appendWTF8(dst []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(dst, 0xe0|byte(r>>12), 0x80|byte(r>>6&0x3f), 0x80|byte(r&0x3f))
	}
	return utf8.AppendRune(dst, r)
}

// unquote returns the Go string that the valid JSON string quoted stands for, as
// Django reads it: a byte that is not ASCII is a character of Latin-1. A lone
// surrogate becomes the three bytes that UTF-8 would use for it, which appendQuoted
// writes back as it was. Where it can, the result shares memory with quoted.
func unquote(quoted string) string {
	if isPlain(quoted) {
		return quoted[1 : len(quoted)-1]
	}
	var room [128]byte
	return string(appendUnquoted(room[:0], quoted))
}

// isPlain reports whether quoted has neither escapes nor bytes that are not ASCII.
func isPlain(quoted string) bool {
	for i := range len(quoted) {
		if c := quoted[i]; c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// appendUnquoted appends what unquote returns.
func appendUnquoted(out []byte, quoted string) []byte {
	s := quoted[1 : len(quoted)-1]
	for i := 0; i < len(s); {
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
			c = s[i+1] // a slash stands for itself
			if n := strings.IndexByte(shortEscapes, c); n >= 0 {
				c = shortEscaped[n]
			}
			out = append(out, c)
			i += 2
		}
	}
	return out
}

// unquoteCopy is unquote with a result that keeps no other memory alive.
func unquoteCopy(quoted string) string {
	s := unquote(quoted)
	if len(s) == len(quoted)-len(`""`) { // it is a part of quoted
		return strings.Clone(s)
	}
	return s
}

// unescapeHex reads the \u escape at s[i], together with the next one if the
// two are a surrogate pair, and returns the place after it.
func unescapeHex(s string, i int) (rune, int) {
	r, _ := parseHex4(s, i+2)
	i += 6
	if utf16.IsSurrogate(r) && strings.HasPrefix(s[i:], `\u`) {
		low, _ := parseHex4(s, i+2)
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, i + 6
		}
	}
	return r, i
}
