package safeurl

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Bytes that stay as they are in a path, by Django's escape_uri_path, and in a
// whole URL, by its iri_to_uri; letters, digits and "_.-~" always do.
const (
	pathSafe = "/:@&+$,!*'()"
	uriSafe  = "/#%[]=:;$&()+,!?*@'"
)

// quote percent-encodes the bytes of s that are not safe. Python's
// urllib.parse.quote.
func quote(s, safe string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
			strings.IndexByte("_.-~", c) >= 0, strings.IndexByte(safe, c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// Location returns url as the header Location has it, in ASCII. Django's iri_to_uri.
func Location(url string) string { return quote(url, uriSafe) }

// repercent replaces each byte that is not part of a UTF-8 sequence by its
// percent-encoded form. Django's repercent_broken_unicode.
func repercent(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		if r != utf8.RuneError || strings.HasPrefix(s[i:], string(utf8.RuneError)) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "%%%02X", s[i])
		}
	}
	return b.String()
}
