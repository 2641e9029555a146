package main

import (
	"slices"
	"strings"
)

// secrets are texts that no message may hold. The packages below keep them out
// of their errors; this is for what comes from drivers and servers.
type secrets []string

// shortestSecret is the length from which on a text is looked for: without a
// bound, a session key mistyped as "e" would make messages unreadable.
const shortestSecret = 4

func (s *secrets) add(texts ...string) {
	for _, text := range texts {
		if len(text) >= shortestSecret && !slices.Contains(*s, text) {
			*s = append(*s, text)
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
