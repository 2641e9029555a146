package cookie

import "strings"

// The characters of a value that Python's http.cookies sends as they are, and those that
// it also sends as they are in a value that it quotes.
const (
	bareChars   = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~:"
	quotedChars = bareChars + " ()/<=>?@[]{}"
)

// Quote returns an ASCII value as Python's http.cookies sends it: in quotes, with escapes,
// if it has a character that needs them. [Get] undoes it.
func Quote(value string) string {
	if value != "" && strings.Trim(value, bareChars) == "" {
		return value
	}
	b := append(make([]byte, 0, len(value)+16), '"')
	for _, c := range []byte(value) {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case strings.IndexByte(quotedChars, c) >= 0:
			b = append(b, c)
		default:
			b = append(b, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		}
	}
	return string(append(b, '"'))
}
