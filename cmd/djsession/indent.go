package main

import "bytes"

// deepest is the deepest indentation, so that a deeply nested session does not become
// megabytes of spaces.
const deepest = 50

// indent indents valid JSON without changing the spelling of a value. Unlike
// json.Indent, it accepts Python's NaN and infinities.
func indent(text []byte) []byte {
	out := make([]byte, 0, 2*len(text))
	depth := 0
	newline := func() {
		out = append(out, '\n')
		out = append(out, bytes.Repeat([]byte("  "), min(depth, deepest))...)
	}
	opened := false // the last token began an object or an array
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			continue
		}
		closes := c == '}' || c == ']'
		if closes {
			depth--
		}
		if opened != closes && (opened || closes) {
			newline()
		}
		opened = c == '{' || c == '['
		switch c {
		case '{', '[':
			depth++
			out = append(out, c)
		case ',':
			out = append(out, c)
			newline()
		case ':':
			out = append(out, c, ' ')
		case '"':
			end := stringEnd(text, i)
			out = append(out, text[i:end]...)
			i = end - 1
		default:
			out = append(out, c)
		}
	}
	return out
}

// stringEnd returns the index after the string that begins at text[i].
func stringEnd(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
