package serializer

import "unicode/utf8"

// appendRaw appends the JSON text raw, which is UTF-8, as it would be written:
// without white space between its tokens and with all that is not ASCII
// escaped. Numbers and escapes keep their spelling. On an error it returns dst
// as it was.
func appendRaw(dst []byte, raw string, l limits) ([]byte, error) {
	if err := validate(raw, l); err != nil {
		return dst, err
	}
	out := dst
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '"':
			end, err := scanString(raw, i)
			if err == nil {
				out, err = appendEscaped(out, raw[i:end], notASCII)
			}
			if err != nil {
				return dst, err
			}
			i = end - 1
		case c > ' ': // else it is white space
			out = append(out, c)
		}
	}
	return out, nil
}

// appendForGo appends the stored JSON text for a reader that takes it for
// UTF-8. A byte that is not ASCII, which Django never writes, becomes the escape
// of the Latin-1 character that Django reads it as.
func appendForGo(dst []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < utf8.RuneSelf {
			dst = append(dst, c)
		} else {
			dst = appendHexEscape(dst, rune(c))
		}
	}
	return dst
}
