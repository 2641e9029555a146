// Package pybase64 decodes base64 as Python's base64 module does by default, which is how Django reads every signed
// payload and every session text.
//
// Python accepts more than encoding/base64: it discards bytes outside the alphabet, stops at the first complete padding,
// ignores padding that comes too early, and accepts the URL-safe alphabet and the standard one mixed. It rejects a text
// with line breaks whose padding falls short because of them. CPython 3.8 to 3.13 behave alike.
package pybase64

import (
	"encoding/base64"
	"errors"
	"strings"
)

// ErrCorrupt reports a text that Python's binascii rejects: the characters that count are one more than a multiple of
// four, or the padding falls short.
var ErrCorrupt = errors.New("pybase64: not base64")

// AppendURL appends to dst what django.core.signing.b64_decode(text) returns: text is padded with "=" to a multiple of
// four bytes, whatever those bytes are, and decoded by base64.urlsafe_b64decode, which accepts both "-_" and "+/".
// On an error it returns dst unchanged.
func AppendURL(dst []byte, text string) ([]byte, error) {
	if out, ok := appendStrict(dst, text, base64.RawURLEncoding); ok {
		return out, nil
	}
	return appendLenient(dst, text, -len(text)&3, "-_")
}

// AppendStd appends to dst what Python's base64.b64decode(text) returns: the standard alphabet only, so that "-" and
// "_" are discarded, and no padding is added. On an error it returns dst unchanged.
func AppendStd(dst []byte, text string) ([]byte, error) {
	if out, ok := appendStrict(dst, text, base64.StdEncoding); ok {
		return out, nil
	}
	return appendLenient(dst, text, 0, "")
}

// appendStrict is the fast path: what encoding/base64 accepts in a text without line breaks, Python decodes alike.
func appendStrict(dst []byte, text string, encoding *base64.Encoding) ([]byte, bool) {
	if strings.IndexByte(text, '\n') >= 0 || strings.IndexByte(text, '\r') >= 0 {
		return dst, false
	}
	out, err := encoding.AppendDecode(dst, []byte(text))
	return out, err == nil
}

// appendLenient follows binascii.a2b_base64 with strict_mode off, over text and padding times "=". The characters of
// urlSafe count as "+" and "/".
func appendLenient(dst []byte, text string, padding int, urlSafe string) ([]byte, error) {
	counted := make([]byte, 0, len(text)) // the characters that count
	pads := 0                             // "=" since the last of them
	for i := range len(text) + padding {
		c := byte('=')
		if i < len(text) {
			c = text[i]
		}
		switch {
		case c == '=':
			// Before the third place of a group of four, padding is ignored.
			place := len(counted) & 3
			if place < 2 {
				continue
			}
			if pads++; place+pads >= 4 {
				return base64.RawStdEncoding.AppendDecode(dst, counted)
			}
			continue
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '+', c == '/':
		case strings.IndexByte(urlSafe, c) >= 0:
			c = "+/"[strings.IndexByte(urlSafe, c)]
		default:
			continue
		}
		counted = append(counted, c)
		pads = 0
	}
	if len(counted)&3 != 0 {
		return dst, ErrCorrupt
	}
	return base64.RawStdEncoding.AppendDecode(dst, counted)
}
