package serializer

import "unicode/utf8"

// appendRaw appends the JSON text raw, which is UTF-8, as it would be written:
// without white space between its tokens and with all that is not ASCII
// escaped. Numbers and escapes keep their spelling. On an error it returns dst
// as it was.
func appendRaw(dst []byte, raw string, b limits) ([]byte, error) {
	if err := validate(raw, b); err != nil {
		return dst, err
	}
	out := dst
	kept := 0 // raw[kept:i] is to be copied
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '"':
			end, _ := scanString(raw, i)
			if asciiPrefix(raw[i:end]) < end-i {
				out = append(out, raw[kept:i]...)
				var ok bool
				if out, ok = appendASCII(out, raw[i:end]); !ok {
					return dst, errUTF8
				}
				kept = end
			}
			i = end
		case c <= ' ': // white space, in a valid text
			out = append(out, raw[kept:i]...)
			i++
			kept = i
		default:
			i++
		}
	}
	return append(out, raw[kept:]...), nil
}

// appendASCII appends s with its UTF-8 escaped and its ASCII as it is.
func appendASCII(dst []byte, s string) ([]byte, bool) {
	for {
		plain := asciiPrefix(s)
		dst = append(dst, s[:plain]...)
		if s = s[plain:]; s == "" {
			return dst, true
		}
		r, size := decodeWTF8(s)
		if size == 0 {
			return dst, false
		}
		dst = appendEscape(dst, r)
		s = s[size:]
	}
}

// asciiPrefix counts the bytes before the first that is not ASCII.
func asciiPrefix(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return i
		}
	}
	return len(s)
}

// AppendForGo appends the stored JSON text for a reader that takes it for
// UTF-8, as all in Go do. A byte that is not ASCII, which Django never writes,
// becomes the escape of the Latin-1 character that Django reads it as; all else
// stays as it is.
func appendForGo(dst []byte, text string) []byte {
	plain := 0
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			dst = append(dst, text[plain:i]...)
			dst = appendHexEscape(dst, rune(text[i]))
			plain = i + 1
		}
	}
	return append(dst, text[plain:]...)
}
