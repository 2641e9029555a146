package netloc

import (
	"fmt"
	"strconv"
	"strings"
)

const unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~"

// Quote percent-encodes the bytes of s that are neither unreserved nor in safe. Python's
// urllib.parse.quote; net/url escapes other sets.
func Quote(s, safe string) string {
	var b strings.Builder
	for i := range len(s) {
		if strings.IndexByte(unreserved, s[i]) >= 0 || strings.IndexByte(safe, s[i]) >= 0 {
			b.WriteByte(s[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}

// Unquote undoes percent-encoding. A percent sign that two hexadecimal digits do not
// follow stands for itself, where net/url has an error. Python's urllib.parse.unquote.
func Unquote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		char := s[i]
		if char == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				char = byte(n)
				i += 2
			}
		}
		b.WriteByte(char)
	}
	return b.String()
}

// UnquotePlus is Unquote for a query or a form, where a plus is a space. Python's
// urllib.parse.unquote_plus.
func UnquotePlus(s string) string { return Unquote(strings.ReplaceAll(s, "+", " ")) }
