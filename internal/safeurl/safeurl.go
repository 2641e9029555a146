// Package safeurl decides where a login may send a browser: out to the login page, and
// from there back to the page that was asked for.
//
// Its functions agree with Django's where a browser stays on the site: the parameter next
// that one side writes works on the other.
package safeurl

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/netloc"
)

// maxURLLength is the longest URL, in characters, that Allowed accepts: Django's
// MAX_URL_LENGTH.
const maxURLLength = 2048

// Allowed reports whether a redirect to url stays on hosts, over HTTPS only if
// requireHTTPS is set. Each host is what a Host header holds; url must name one exactly,
// port included, or neither scheme nor host. Django's url_has_allowed_host_and_scheme.
//
// What it allows is UTF-8 without control characters and backslashes, so that it may
// stand in a Location header as it is. It allows nothing that Django 2.2 to 6.1 would
// reject, except a relative URL that begins with a character newer than their Python's
// Unicode. It rejects more than some of them: control characters, which some ignore and
// some escape; backslashes, which browsers read as slashes; Unicode's spaces at either
// end; "//" without a host; a scheme that does not begin with a letter; a host that no
// Host header holds, such as one with a user name; and more than 2,048 characters.
func Allowed(url string, hosts []string, requireHTTPS bool) bool {
	url = strings.Trim(url, " ")
	if url == "" || utf8.RuneCountInString(url) > maxURLLength || !wellFormed(url) || strings.Contains(url, `\`) {
		return false
	}
	// Browsers have skipped invisible characters at the start, too.
	if first, _ := utf8.DecodeRuneInString(url); !unicode.IsGraphic(first) {
		return false
	}
	u, ok := netloc.Split(url)
	switch {
	case !ok:
		return false
	case u.IsRelative():
		return true
	case u.Scheme != "https" && (requireHTTPS || u.Scheme != "http" && u.Scheme != ""):
		return false
	}
	return netloc.Domain(u.Netloc) != "" && slices.Contains(hosts, u.Netloc)
}

// wellFormed reports whether url is UTF-8 without control characters, and without spaces
// at either end.
func wellFormed(url string) bool {
	return utf8.ValidString(url) && !strings.ContainsFunc(url, unicode.IsControl) && strings.TrimSpace(url) == url
}
