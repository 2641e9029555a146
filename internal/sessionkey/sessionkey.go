// Package sessionkey tells which texts can be session keys.
package sessionkey

import "strings"

// Possible reports whether key can be a session's: 8 characters or more, up to longest, of A-Z, a-z, 0-9, - and _.
func Possible(key string, longest int) bool {
	if len(key) < 8 || len(key) > longest {
		return false
	}
	return strings.IndexFunc(key, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '-' && c != '_'
	}) < 0
}
