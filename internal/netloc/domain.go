// Package netloc reads URLs and hosts as Python and Django do.
package netloc

import (
	"slices"
	"strings"
)

// Domain returns the domain of a host without its port and a trailing dot, in
// lower case, or "" if the host is malformed. Django's split_domain_port.
func Domain(host string) string {
	// Of ASCII alone: in all of Unicode, letters such as the Kelvin sign have a
	// lower case that would do.
	host = strings.Map(lower, host)
	end := strings.IndexByte(host, ']') + 1 // of an IPv6 address
	colon := strings.IndexByte(host[end:], ':')
	if colon < 0 {
		colon = len(host) - end
	}
	name, port := host[:end+colon], host[end+colon:]
	if port != "" && !consists(port[1:], "0123456789") {
		return ""
	}
	if !isName(name) && !isIPv6(name) {
		return ""
	}
	return strings.TrimSuffix(name, ".")
}

func isName(s string) bool { return consists(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") }

// isIPv6 reports whether s has the shape of an IPv6 address in brackets, which
// is all that Django looks for.
func isIPv6(s string) bool {
	const hex = "0123456789abcdef"
	inner, bracketed := strings.CutPrefix(s, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	first, rest, colon := strings.Cut(inner, ":")
	return bracketed && closed && colon && (first == "" || consists(first, hex)) && consists(rest, hex+".:")
}

// consists reports whether s has characters, and those of set only.
func consists(s, set string) bool { return s != "" && strings.Trim(s, set) == "" }

func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		r += 'a' - 'A'
	}
	return r
}

// Allowed reports whether a domain is one of those that the patterns of
// ALLOWED_HOSTS name. Django's validate_host.
func Allowed(domain string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return p == "*" || SameDomain(domain, p) })
}

// CanAllow reports whether a pattern of ALLOWED_HOSTS matches any domain. It
// matches none if it has a scheme, a port, a path or a trailing dot.
func CanAllow(pattern string) bool {
	pattern = strings.Map(lower, strings.TrimPrefix(pattern, "."))
	return pattern == "*" || pattern != "" && Domain(pattern) == pattern
}

// SameDomain reports whether host is the one that pattern names, or, if that
// begins with a dot, within its domain. host is compared as it is, the pattern in
// lower case. Django's is_same_domain.
func SameDomain(host, pattern string) bool {
	pattern = strings.ToLower(pattern)
	if parent, any := strings.CutPrefix(pattern, "."); any && (strings.HasSuffix(host, pattern) || host == parent) {
		return true
	}
	return pattern != "" && pattern == host
}
