package safeurl

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/netloc"
)

// uriSafe are the characters, besides letters, digits and "_.-~", that Django's
// iri_to_uri leaves as they are.
const uriSafe = "/#%[]=:;$&()+,!?*@'"

const maxRedirectLength = 16384 // Django's MAX_URL_REDIRECT_LENGTH

// ErrTooLong means that the URL that was asked for makes a redirect to the login page of
// more than 16,384 bytes. The visitor chose that URL; Django answers 400.
var ErrTooLong = errors.New("the requested URL is too long to come back to after the login: a redirect takes 16,384 bytes")

// Location returns url as the header Location holds it, in ASCII. Django's iri_to_uri.
func Location(url string) string { return netloc.Quote(url, uriSafe) }

// ToLogin returns loginURL with the query parameter next, which replaces any of that
// name, as the Location header of Django's redirect_to_login holds it: in ASCII, with the
// other parameters and the fragment kept.
//
// loginURL is LOGIN_URL as a path, from the root or relative, or as a URL of http or
// https. The name of a URL pattern, which Django accepts, must be replaced by its path.
// Control characters, spaces at either end, "//" or a scheme without a host, and a query
// that is not UTF-8 are rejected. The error is [ErrTooLong] or about loginURL, so a call
// with next "/" checks that setting.
func ToLogin(loginURL, next string) (string, error) {
	u, ok := netloc.Split(loginURL)
	switch {
	case !wellFormed(loginURL):
		return "", errors.New("the login URL is not UTF-8, holds a control character, or has a space at one end")
	case !strings.ContainsAny(loginURL, "/."):
		return "", errors.New("the login URL is neither a path nor a URL: replace the name of a URL pattern by its path")
	case !ok || !u.IsRelative() && u.Netloc == "":
		return "", errors.New(`the login URL has a scheme or "//", but no host`)
	case u.Scheme != "" && u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("the login URL has another scheme than http and https")
	}
	loginURL, fragment, _ := strings.Cut(loginURL, "#")
	address, query, _ := strings.Cut(loginURL, "?")
	query, err := withNext(query, next)
	if err != nil {
		return "", err
	}
	location := u.Scheme + address[len(u.Scheme):] + "?" + query
	if fragment != "" {
		location += "#" + fragment
	}
	if location = Location(location); len(location) > maxRedirectLength {
		return "", ErrTooLong
	}
	return location, nil
}

// withNext sets next in query and encodes the query as Django's
// QueryDict.urlencode(safe="/") does: the values of a repeated name follow the first.
func withNext(query, next string) (string, error) {
	const field = "next" // REDIRECT_FIELD_NAME
	var names []string
	values := map[string][]string{}
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, value = netloc.UnquotePlus(name), netloc.UnquotePlus(value)
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return "", errors.New("the login URL's query is not UTF-8")
		}
		if values[name] == nil {
			names = append(names, name)
		}
		values[name] = append(values[name], value)
	}
	if values[field] == nil {
		names = append(names, field)
	}
	values[field] = []string{next}

	var pairs []string
	for _, name := range names {
		for _, value := range values[name] {
			pairs = append(pairs, netloc.Quote(name, "/")+"="+netloc.Quote(value, "/"))
		}
	}
	return strings.Join(pairs, "&"), nil
}
