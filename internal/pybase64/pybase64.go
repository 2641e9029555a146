// Package pybase64 decodes base64 as Python's base64 module does when it is not asked to be strict, which is how Django
// reads every signed payload and every session text.
//
// encoding/base64 refuses much that Python forgives: Python discards each byte outside the alphabet, stops at the first
// complete padding, ignores padding that comes too early, and takes the URL-safe alphabet and the standard one mixed.
// It also accepts a little that Python refuses: a line break counts as text when Django works out how much padding is
// missing. CPython 3.8 to 3.13 behave alike; this package follows them.
package pybase64

import (
	"encoding/base64"
	"errors"
	"strings"
)

// ErrCorrupt reports a text that Python's binascii refuses: the characters that count are one more than a multiple of
// four, or the padding falls short.
var ErrCorrupt = errors.New("pybase64: not base64")

// DecodedLen returns how many bytes a text of n bytes decodes to at most.
func DecodedLen(n int) int { return n/4*3 + 3 }

// AppendURL appends to dst what django.core.signing.b64_decode(text) returns: text is padded with "=" to a multiple of
// four bytes, whatever those bytes are, and goes through base64.urlsafe_b64decode, which takes "-_" and "+/" alike.
// On an error it returns dst unchanged.
func AppendURL(dst []byte, text string) ([]byte, error) {
	if out, ok := appendStrict(dst, text, base64.RawURLEncoding); ok {
		return out, nil
	}
	return appendLenient(dst, text, -len(text)&3, &urlAlphabet)
}

// AppendStd appends to dst what Python's base64.b64decode(text) returns: the standard alphabet only, so that "-" and
// "_" are discarded, and no padding is added. On an error it returns dst unchanged.
func AppendStd(dst []byte, text string) ([]byte, error) {
	if out, ok := appendStrict(dst, text, base64.StdEncoding); ok {
		return out, nil
	}
	return appendLenient(dst, text, 0, &stdAlphabet)
}

// appendStrict is the fast path: whatever encoding/base64 accepts in a text without line breaks, Python reads alike.
func appendStrict(dst []byte, text string, encoding *base64.Encoding) ([]byte, bool) {
	if strings.IndexByte(text, '\n') >= 0 || strings.IndexByte(text, '\r') >= 0 {
		return dst, false
	}
	start := len(dst)
	out := grow(dst, encoding.DecodedLen(len(text)))
	n, err := encoding.Decode(out[start:cap(out)], []byte(text))
	if err != nil {
		return dst, false
	}
	return out[:start+n], true
}

// appendLenient follows binascii.a2b_base64 with strict_mode off, over text and then padding times "=".
func appendLenient(dst []byte, text string, padding int, alphabet *[256]byte) ([]byte, error) {
	start := len(dst)
	out := grow(dst, DecodedLen(len(text)))[:start]
	var (
		quad  int  // characters of the current group of four
		pads  int  // "=" since the last character that counts
		carry byte // bits of the last character that no byte has taken yet
	)
	for i := range len(text) + padding {
		char := byte('=')
		if i < len(text) {
			char = text[i]
		}
		if char == '=' {
			// Before the third place of a group padding is noise.
			if quad >= 2 {
				if pads++; quad+pads >= 4 {
					return out, nil
				}
			}
			continue
		}
		six := alphabet[char]
		if six == discarded {
			continue
		}
		pads = 0
		switch quad {
		case 0:
			carry = six
		case 1:
			out = append(out, carry<<2|six>>4)
			carry = six & 0x0f
		case 2:
			out = append(out, carry<<4|six>>2)
			carry = six & 0x03
		case 3:
			out = append(out, carry<<6|six)
		}
		quad = (quad + 1) & 3
	}
	if quad != 0 {
		return dst, ErrCorrupt
	}
	return out, nil
}

// grow returns dst with room for n more bytes; a fresh result has room for exactly those.
func grow(dst []byte, n int) []byte {
	if cap(dst)-len(dst) >= n {
		return dst
	}
	out := make([]byte, len(dst), len(dst)+n)
	copy(out, dst)
	return out
}

// discarded marks the bytes outside an alphabet.
const discarded = 0xff

var (
	stdAlphabet = alphabet("+/")
	urlAlphabet = alphabet("+/", "-_")
)

func alphabet(lastTwo ...string) (table [256]byte) {
	for i := range table {
		table[i] = discarded
	}
	for i := range byte(26) {
		table['A'+i] = i
		table['a'+i] = 26 + i
	}
	for i := range byte(10) {
		table['0'+i] = 52 + i
	}
	for _, pair := range lastTwo {
		table[pair[0]] = 62
		table[pair[1]] = 63
	}
	return table
}
