package netloc

import (
	"strconv"
	"strings"
)

// Unquote undoes percent-encoding; a percent sign that two hexadecimal digits do
// not follow stands for itself. Python's urllib.parse.unquote.
func Unquote(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+3 <= len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(c))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// UnquotePlus is Unquote for a query or a form, where a plus is a space. Python's
// urllib.parse.unquote_plus.
func UnquotePlus(s string) string { return Unquote(strings.ReplaceAll(s, "+", " ")) }
