package main

import (
	"slices"
	"strconv"
	"strings"
)

// secrets are texts that no message may hold. The packages below keep them out
// of their errors; this is for what comes from drivers and servers.
type secrets []string

// shortestSecret is the length from which on a text is looked for: without a
// bound, a session key mistyped as "e" would make messages unreadable.
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
