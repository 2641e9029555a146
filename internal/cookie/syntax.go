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
	case !strings.HasPrefix(c.Path, "/") || !isAttribute(c.Path):
		return "PATH", `must start with "/" and hold neither ";" nor control characters`
	case !slices.Contains([]string{"", "Lax", "Strict", "None"}, c.SameSite):
		return "SAMESITE", `must be "Lax", "Strict", "None" or empty`
	}
	return "", ""
}

// IsName reports whether s can be a cookie's name (RFC 9110, section 5.6.2).
func IsName(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return false
		}
	}
	return s != ""
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
