package main

import (
	"slices"
	"strconv"
	"strings"
)

// secrets are texts that are removed from every message. The library keeps them out of
// its errors; drivers and servers may not.
type secrets []string

// shortestSecret is the length of the shortest text that is removed. Without it, a session
// key mistyped as "e" would make messages unreadable.
const shortestSecret = 4

// add adds texts, also as Go's %q writes them.
func (s *secrets) add(texts ...string) {
	for _, text := range texts {
		if len(text) < shortestSecret {
			continue
		}
		quoted := strconv.Quote(text)
		for _, form := range []string{text, quoted[1 : len(quoted)-1]} {
			if !slices.Contains(*s, form) {
				*s = append(*s, form)
			}
		}
	}
}

// hide returns text with each secret in it replaced.
func (s secrets) hide(text string) string {
	// The longest first: one may be a part of another.
	sorted := slices.SortedFunc(slices.Values(s), func(a, b string) int { return len(b) - len(a) })
	for _, secret := range sorted {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}
