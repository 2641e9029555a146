// Package safeurl decides where a login may send a browser: out to the login
// page, and from there back to where it came from.
//
// Its functions agree with Django's where a browser stays on the site, so that
// a next which Django wrote works in Go and the reverse. All are safe for
// concurrent use.
package safeurl

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxURLLength is the longest URL, in characters, that Allowed takes. Django's
// MAX_URL_LENGTH.
const maxURLLength = 2048

// hostChars are what a Host header holds: a name or an IPv6 address in brackets,
// with or without a port.
const hostChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:[]"

// Allowed reports whether a redirect to url stays on hosts, by HTTPS only if
// requireHTTPS is set. Django's url_has_allowed_host_and_scheme.
//
// A URL without scheme and host stays where it is; a host must equal one of
// hosts to the letter, port included, each being what a Host header holds. Like
// Django it refuses the empty URL, schemes other than http and https, a scheme
// without a host, and "//host" under requireHTTPS. What it allows is valid UTF-8
// without control characters or backslashes, so that it may stand in a Location
// header as it is.
//
// It allows nothing that Django 2.2 to 6.1 would refuse, but for a relative URL
// that begins with a character which is newer than their Python's Unicode, and
// refuses more than some of them:
//
//   - Control characters anywhere. Older Djangos take tabs and line breaks for
//     part of the path, newer ones or their Python drop them first, as browsers
//     do; and Django escapes what it sends, which Go does not.
//   - Backslashes anywhere, which browsers take for slashes. Django escapes these
//     too. [net/http.Redirect] joins `\evil` to the path "/", which leaves the
//     site as `/\evil`, and cleans `/./\evil` to the same.
//   - Unicode's spaces at either end. Django looks at the URL without them but
//     sends it with them.
//   - "//" with no host after it, where a browser cannot go.
//   - A scheme that begins with a digit or one of "+-.". For Python before 3.11
//     that is a scheme, since then and for browsers a path.
//   - A host that no Host header holds, even if it is one of hosts: non-ASCII
//     (an IDN is wanted in its "xn--" form), percent-encoded or with a user name.
//   - More than 2,048 characters, as Django since 5.0, and invalid UTF-8.
func Allowed(url string, hosts []string, requireHTTPS bool) bool {
	url = strings.Trim(url, " ")
	if url == "" || utf8.RuneCountInString(url) > maxURLLength || !wellFormed(url) || strings.Contains(url, `\`) {
		return false
	}
	// Browsers have skipped invisible characters at the start, too.
	if first, _ := utf8.DecodeRuneInString(url); !unicode.IsGraphic(first) {
		return false
	}
	u := split(url)
	if u.relative() {
		return true
	}
	if u.scheme != "https" && (requireHTTPS || u.scheme != "http" && u.scheme != "") {
		return false
	}
	return u.netloc != "" && strings.Trim(u.netloc, hostChars) == "" && slices.Contains(hosts, u.netloc)
}

// wellFormed reports whether url is UTF-8 without control characters, and
// without spaces at either end.
func wellFormed(url string) bool {
	return utf8.ValidString(url) && !strings.ContainsFunc(url, unicode.IsControl) && strings.TrimSpace(url) == url
}
