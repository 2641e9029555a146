package cookie

import (
	"net/http"
	"strconv"
	"strings"
	"unicode"
)

// Get returns the value of a request's cookie, the last of several with the name, and
// whether there is one.
func Get(h http.Header, name string) (value string, ok bool) {
	for _, line := range h["Cookie"] {
		for chunk := range strings.SplitSeq(line, ";") {
			k, v, found := strings.Cut(chunk, "=")
			if found && strings.Contains(k, name) && strip(k) == name {
				value, ok = v, true
			}
		}
	}
	return unquote(strip(value)), ok
}

// strip is Python's str.strip.
func strip(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f })
}

// unquote removes the quotes and escapes of a value as Python's http.cookies does.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	s = s[1 : len(s)-1]
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) || s[i+1] == '\n' {
			b.WriteByte(s[i])
			continue
		}
		if i+3 < len(s) && s[i+1] <= '3' {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteRune(rune(n))
				i += 3
				continue
			}
		}
		i++
		b.WriteByte(s[i])
	}
	return b.String()
}
