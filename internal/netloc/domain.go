// Package netloc reads URLs and hosts as Python and Django do.
package netloc

import (
	"regexp"
	"slices"
	"strings"
)

// hostPattern is Django's host_validation_re. It lists both cases, because (?i) would
// also match letters such as the Kelvin sign.
var hostPattern = regexp.MustCompile(`^([A-Za-z0-9.-]+|\[[A-Fa-f0-9]*:[A-Fa-f0-9.:]+\])(?::[0-9]+)?$`)

// Domain returns the domain of a host in lower case, without its port and a trailing
// dot, or "" if the host is malformed. Django's split_domain_port.
func Domain(host string) string {
	match := hostPattern.FindStringSubmatch(host)
	if match == nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(match[1]), ".")
}

// Allowed reports whether one of the patterns of ALLOWED_HOSTS matches domain. Django's
// validate_host.
func Allowed(domain string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return p == "*" || SameDomain(domain, p) })
}

// CanAllow reports whether a pattern of ALLOWED_HOSTS matches any domain. It matches none
// if it has a scheme, a port, a path or a trailing dot.
func CanAllow(pattern string) bool {
	domain := strings.TrimPrefix(pattern, ".")
	return pattern == "*" || domain != "" && Domain(domain) == strings.ToLower(domain)
}

// SameDomain reports whether host equals pattern or, if pattern begins with a dot, is in
// its domain. The pattern is compared in lower case, host as it is. Django's
// is_same_domain.
func SameDomain(host, pattern string) bool {
	pattern = strings.ToLower(pattern)
	parent, dot := strings.CutPrefix(pattern, ".")
	return pattern != "" && (host == pattern || dot && (host == parent || strings.HasSuffix(host, pattern)))
}
