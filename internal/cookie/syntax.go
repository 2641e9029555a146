package cookie

import (
	"slices"
	"strings"
)

// Problem returns the first attribute that cannot be sent, as Django's settings end
// in it ("SAMESITE"), and what is wrong with it; both are empty if all is well.
func (c Cookie) Problem() (attribute, problem string) {
	switch {
	case !IsName(c.Name):
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

const nameChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~:"

// reserved are the attributes' names, which Python rejects as a cookie's.
var reserved = []string{"expires", "path", "comment", "domain", "max-age", "secure", "httponly", "version", "samesite"}

// IsName reports whether Python's http.cookies accepts s as a cookie's name.
func IsName(s string) bool {
	return s != "" && strings.Trim(s, nameChars) == "" && !slices.Contains(reserved, strings.ToLower(s))
}

// isAttribute reports whether s can be the value of a cookie's attribute.
func isAttribute(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == ';' {
			return false
		}
	}
	return true
}
