package netloc

import "strings"

// URL holds what Python's urlsplit finds before a URL's path, still escaped.
type URL struct {
	Scheme    string // in lower case
	HasNetloc bool   // "//" precedes Netloc, which may be empty
	Netloc    string // "user@Example.com:8000" for instance
}

var lineBreaks = strings.NewReplacer("\t", "", "\r", "", "\n", "")

// Split splits a URL, also one that url.Parse rejects or reads in another way. ok is false
// where Python raises ValueError because of a bracket.
//
// What precedes the first colon is a scheme even if it begins with a digit or one of
// "+-.", as in Python before 3.11. Newer ones and browsers read a path.
func Split(url string) (u URL, ok bool) {
	const schemeChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-."
	url = strings.TrimLeftFunc(url, func(r rune) bool { return r <= ' ' })
	url = lineBreaks.Replace(url)
	if before, after, found := strings.Cut(url, ":"); found && before != "" && strings.Trim(before, schemeChars) == "" {
		u.Scheme, url = strings.ToLower(before), after
	}
	if url, u.HasNetloc = strings.CutPrefix(url, "//"); u.HasNetloc {
		u.Netloc = url
		if end := strings.IndexAny(url, "/?#"); end >= 0 {
			u.Netloc = url[:end]
		}
	}
	return u, strings.Contains(u.Netloc, "[") == strings.Contains(u.Netloc, "]")
}

// IsRelative reports whether the URL has neither scheme nor "//".
func (u URL) IsRelative() bool { return u.Scheme == "" && !u.HasNetloc }

// Redact reduces a URL to its scheme and host, for logs and messages: the rest may hold
// secrets. A URL without a scheme or a well-formed host is "malformed", except a
// browser's "null".
func Redact(url string) string {
	const maxLength = 300 // longer than any name in the DNS
	if url == "null" {
		return url
	}
	u, ok := Split(url)
	host := u.Netloc[strings.LastIndexByte(u.Netloc, '@')+1:]
	if !ok || u.Scheme == "" || len(u.Scheme)+len(host) > maxLength || Domain(host) == "" {
		return "malformed"
	}
	return u.Scheme + "://" + host
}
