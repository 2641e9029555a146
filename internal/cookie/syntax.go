package cookie

import "strings"

// IsName reports whether s can be a cookie's name (RFC 9110, section 5.6.2).
func IsName(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

// IsAttribute reports whether s can be the value of a cookie's attribute.
func IsAttribute(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == ';' {
			return false
		}
	}
	return true
}
