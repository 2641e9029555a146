package databaseurl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// URL returns the URL that [Parse] reads as d. It holds the password.
func (d Database) URL() string {
	var b strings.Builder
	scheme := map[Engine]string{PostgreSQL: "postgres", MySQL: "mysql", SQLite: "sqlite"}[d.Engine]
	if d.Engine == SQLite && d.Name == "" {
		scheme = "spatialite" // with sqlite, no name is InMemory
	}
	b.WriteString(scheme + "://")
	if d.User != "" || d.Password != "" {
		b.WriteString(encode(d.User))
		if d.Password != "" {
			b.WriteString(":" + encode(d.Password))
		}
		b.WriteByte('@')
	}
	b.WriteString(encode(d.Host))
	if d.Port != 0 {
		fmt.Fprintf(&b, ":%d", d.Port)
	}
	b.WriteString("/" + strings.ReplaceAll(encode(d.Name), "%2F", "/"))
	separator := byte('?')
	for _, name := range slices.Sorted(maps.Keys(d.Options)) {
		b.WriteByte(separator)
		b.WriteString(encode(name) + "=" + encode(d.Options[name]))
		separator = '&'
	}
	return b.String()
}

// encode percent-encodes all but what is unreserved in a URL.
func encode(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
