package pyliteral

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// simpleEscapes are the escapes of one letter.
var simpleEscapes = map[byte]byte{
	'n': '\n', 'r': '\r', 't': '\t', '\\': '\\', '\'': '\'', '"': '"',
	'a': '\a', 'b': '\b', 'f': '\f', 'v': '\v',
}

// digits are how many hexadecimal digits follow a letter.
var digits = map[byte]int{'x': 2, 'u': 4, 'U': 8}

// str reads a string. One with half a surrogate pair, which no setting has, is Opaque.
func (p *parser) str() (Value, error) {
	surrogates := false
	text, err := p.quoted(func(b *strings.Builder, letter byte, code uint64) error {
		switch {
		case 0xD800 <= code && code <= 0xDFFF:
			surrogates = true
		case code > utf8.MaxRune:
			return errors.New("no such character")
		default:
			b.WriteRune(rune(code))
		}
		return nil
	})
	if err == nil && surrogates {
		return Opaque{}, nil
	}
	return text, err
}

// bytes reads a bytes object, after its b.
func (p *parser) bytes() (Value, error) {
	text, err := p.quoted(func(b *strings.Builder, letter byte, code uint64) error {
		if letter != 'x' {
			return errors.New("bytes have no such escape")
		}
		b.WriteByte(byte(code))
		return nil
	})
	return Bytes(text), err
}

// quoted reads up to the closing quote. It calls coded for each escaped code.
func (p *parser) quoted(coded func(b *strings.Builder, letter byte, code uint64) error) (string, error) {
	quote := p.text[p.at]
	p.at++
	var b strings.Builder
	for p.at < len(p.text) {
		c := p.text[p.at]
		p.at++
		switch {
		case c == quote:
			return b.String(), nil
		case c == '\n':
			return "", errors.New("a line break in a string")
		case c != '\\':
			b.WriteByte(c)
			continue
		}
		if p.at == len(p.text) {
			break
		}
		letter := p.text[p.at]
		p.at++
		if plain, ok := simpleEscapes[letter]; ok {
			b.WriteByte(plain)
			continue
		}
		n := digits[letter]
		if n == 0 {
			return "", errors.New("an escape that repr does not write")
		}
		if p.at+n > len(p.text) {
			break
		}
		code, err := strconv.ParseUint(p.text[p.at:p.at+n], 16, 32)
		if err != nil {
			return "", errors.New("an escape with wrong digits")
		}
		if err := coded(&b, letter, code); err != nil {
			return "", err
		}
		p.at += n
	}
	return "", errEnd
}
