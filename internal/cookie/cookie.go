// Package cookie reads and writes cookies exactly as Django does.
package cookie

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Cookie is a cookie for a response.
type Cookie struct {
	Name, Value      string
	Domain, Path     string
	SameSite         string
	Secure, HTTPOnly bool
	Age              int64 // seconds
	UntilClose       bool  // in place of Age
}

// Add adds the cookie, which expires Age after now, to a response.
func (c Cookie) Add(h http.Header, now time.Time) {
	if c.UntilClose {
		c.add(h, nil, nil)
		return
	}
	const last = 253402300799 // the end of the year 9999, the last that a cookie can name
	unix := max(0, min(last, now.Unix()+c.Age))
	var date [len(http.TimeFormat)]byte
	var age [20]byte
	c.add(h, time.Unix(unix, 0).UTC().AppendFormat(date[:0], http.TimeFormat), strconv.AppendInt(age[:0], c.Age, 10))
}

// Delete makes the browser delete the cookie. Browsers want some of them marked as secure.
func (c Cookie) Delete(h http.Header) {
	c.Value, c.HTTPOnly = `""`, false
	c.Secure = strings.HasPrefix(c.Name, "__Secure-") || strings.HasPrefix(c.Name, "__Host-") || strings.EqualFold(c.SameSite, "None")
	c.add(h, []byte("Thu, 01 Jan 1970 00:00:00 GMT"), []byte("0"))
}

// add writes the attributes in Django's order.
func (c Cookie) add(h http.Header, expires, maxAge []byte) {
	var room [256]byte
	b := append(room[:0], c.Name...)
	b = append(append(b, '='), c.Value...)
	b = appendAttribute(b, "; Domain=", c.Domain)
	b = appendAttribute(b, "; expires=", expires)
	if c.HTTPOnly {
		b = append(b, "; HttpOnly"...)
	}
	b = appendAttribute(b, "; Max-Age=", maxAge)
	b = appendAttribute(b, "; Path=", c.Path)
	b = appendAttribute(b, "; SameSite=", c.SameSite)
	if c.Secure {
		b = append(b, "; Secure"...)
	}
	h["Set-Cookie"] = append(h["Set-Cookie"], string(b))
}

func appendAttribute[T string | []byte](b []byte, prefix string, value T) []byte {
	if len(value) == 0 {
		return b
	}
	return append(append(b, prefix...), value...)
}

// Problem returns the first attribute that cannot be sent, by the end of its setting's
// name ("SAMESITE"), and what is wrong with it. Both are empty if all can be sent.
func (c Cookie) Problem() (attribute, problem string) {
	switch {
	case !isName(c.Name):
		return "NAME", "is not a valid cookie name"
	case !isAttribute(c.Domain):
		return "DOMAIN", "holds a character that a cookie attribute cannot have"
	case c.Path != "" && c.Path[0] != '/' || !isAttribute(c.Path):
		return "PATH", `must start with "/", or be empty for Django's None, and hold neither ";" nor control characters`
	case !slices.Contains([]string{"", "lax", "strict", "none"}, strings.ToLower(c.SameSite)):
		return "SAMESITE", `must be "Lax", "Strict", "None" or empty`
	}
	return "", ""
}

// isName reports whether Python's http.cookies accepts s as a cookie's name.
func isName(s string) bool {
	reserved := []string{"expires", "path", "comment", "domain", "max-age", "secure", "httponly", "version", "samesite"}
	return s != "" && strings.Trim(s, bareChars) == "" && !slices.Contains(reserved, strings.ToLower(s))
}

// isAttribute reports whether s can be the value of a cookie's attribute.
func isAttribute(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c >= 0x7f || c == ';' })
}
