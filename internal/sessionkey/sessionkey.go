// Package sessionkey tells which texts can be session keys.
package sessionkey

// Possible reports whether key can be a session's: 8 characters or more, up to longest, of A-Z, a-z, 0-9, - and _.
func Possible(key string, longest int) bool {
	if len(key) < 8 || len(key) > longest {
		return false
	}
	for i := range len(key) {
		c := key[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
