package netloc

import "strings"

// Split returns the scheme, in lower case, and the network location, as it is,
// of a URL: "https" and "user@Example.com:8000". What the URL has not is empty. ok
// is false where Python's urlsplit raises ValueError. URLs of other forms split
// as there, which url.Parse refuses or reads in another way.
func Split(url string) (scheme, netloc string, ok bool) {
	url = strings.TrimLeftFunc(url, func(r rune) bool { return r <= ' ' })
	url = strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(url)
	if before, after, found := strings.Cut(url, ":"); found && isScheme(before) {
		scheme, url = strings.ToLower(before), after
	}
	if rest, found := strings.CutPrefix(url, "//"); found {
		netloc = rest
		if end := strings.IndexAny(rest, "/?#"); end >= 0 {
			netloc = rest[:end]
		}
	}
	return scheme, netloc, strings.Contains(netloc, "[") == strings.Contains(netloc, "]")
}

func isScheme(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	return s != "" && strings.IndexByte(letters, s[0]) >= 0 && consists(s, letters+"0123456789+-.")
}

// maxRedacted is longer than any name in the DNS.
const maxRedacted = 300

// Redact reduces a URL to its scheme and host, for a message: its path and query
// may hold secrets, and so may what stands before the host. What has no scheme or
// no well-formed host is "malformed", apart from a browser's "null".
func Redact(url string) string {
	if url == "null" {
		return url
	}
	scheme, netloc, ok := Split(url)
	host := netloc[strings.LastIndexByte(netloc, '@')+1:]
	if !ok || scheme == "" || len(scheme)+len(host) > maxRedacted || Domain(host) == "" {
		return "malformed"
	}
	return scheme + "://" + host
}
