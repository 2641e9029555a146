// Package textfile reads text as editors and shells of different systems write it.
package textfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// UTF8 returns a file's content as UTF-8 without a byte order mark. Content with the mark of
// UTF-16, which the > of Windows PowerShell writes, is converted. Anything else that is not
// UTF-8, or that holds a NUL byte, is an error with its line and without its text: a decoder
// that replaces what it cannot read would change a secret.
func UTF8(content []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(content, []byte{0xFF, 0xFE}):
		return fromUTF16(content[2:], binary.LittleEndian)
	case bytes.HasPrefix(content, []byte{0xFE, 0xFF}):
		return fromUTF16(content[2:], binary.BigEndian)
	}
	return check(bytes.TrimPrefix(content, []byte("\uFEFF")))
}

func fromUTF16(content []byte, order binary.ByteOrder) ([]byte, error) {
	if len(content)%2 != 0 {
		return nil, fmt.Errorf("the text is UTF-16 and cut off")
	}
	units := make([]uint16, len(content)/2)
	for i := range units {
		units[i] = order.Uint16(content[2*i:])
	}
	text := make([]byte, 0, len(units))
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) {
			r = utf8.RuneError
			if i+1 < len(units) {
				r = utf16.DecodeRune(rune(units[i]), rune(units[i+1]))
			}
			if r == utf8.RuneError {
				return nil, fmt.Errorf("line %d is not UTF-16", line(text))
			}
			i++
		}
		text = utf8.AppendRune(text, r)
	}
	return check(text)
}

func check(text []byte) ([]byte, error) {
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return nil, fmt.Errorf("line %d holds a NUL byte: the file is not text in UTF-8", line(text[:i]))
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return nil, fmt.Errorf("line %d is not UTF-8", line(text[:i]))
		}
		i += size
	}
	return text, nil
}

// line returns the number of the line after these.
func line(before []byte) int { return 1 + bytes.Count(before, []byte("\n")) }
