package safeurl

import (
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/netloc"
)

// ErrTooLong reports that next makes a redirect to the login page of more than
// 16,384 bytes (Django's MAX_URL_REDIRECT_LENGTH). That is the visitor's doing;
// Django answers 400.
var ErrTooLong = errors.New("the requested URL is too long to come back to after the login: a redirect takes 16,384 bytes")

const maxRedirectLength = 16384

// ToLogin returns loginURL with the parameter next in its query, in place of any
// of that name, as the Location header of Django's redirect_to_login holds it:
// ASCII alone, other parameters and the fragment kept.
//
// The error is [ErrTooLong], or says what is wrong with loginURL, so that calling
// it with next "/" checks that setting. loginURL is LOGIN_URL as a path, from the
// root or relative, or as a URL of http or https. As in Django it cannot be a bare
// word, which there is the name of a URL pattern and has to be replaced by that
// pattern's path. Beyond that it may hold no control characters, no spaces at
// either end, no "//" or scheme without a host, and no query that is not UTF-8.
func ToLogin(loginURL, next string) (string, error) {
	if err := checkLogin(loginURL); err != nil {
		return "", err
	}
	u := split(loginURL)
	query, ok := withNext(u.query, next)
	if !ok {
		return "", errors.New("the login URL's query is not UTF-8")
	}
	location := quote(u.withQuery(query), uriSafe)
	if len(location) > maxRedirectLength {
		return "", ErrTooLong
	}
	return location, nil
}

func checkLogin(loginURL string) error {
	u := split(loginURL)
	switch {
	case !wellFormed(loginURL):
		return errors.New("the login URL is not UTF-8, holds a control character, or has a space at one end")
	case !strings.ContainsAny(loginURL, "/."):
		return errors.New("the login URL is neither a path nor a URL: of a Django URL pattern's name, give the path")
	case u.relative():
		return nil
	case u.scheme != "" && u.scheme != "http" && u.scheme != "https":
		return errors.New("the login URL has another scheme than http and https")
	case u.netloc == "":
		return errors.New("the login URL has a scheme or \"//\", but no host")
	}
	return nil
}

// withNext sets next in query and encodes all of it as Django's
// QueryDict.urlencode(safe="/") does: the values of a repeated name come together,
// where its first one stood. It is not ok if query is not UTF-8.
func withNext(query, next string) (encoded string, ok bool) {
	const field = "next" // REDIRECT_FIELD_NAME
	var names []string
	values := make(map[string][]string)
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, value = netloc.UnquotePlus(name), netloc.UnquotePlus(value)
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return "", false
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
			pairs = append(pairs, quote(name, "/")+"="+quote(value, "/"))
		}
	}
	return strings.Join(pairs, "&"), true
}

// Next returns what Django's login_required and user_passes_test give to the login
// page as next: the path and query of the request if loginURL is on the same
// scheme and host, or names none, else the request's absolute URI.
//
// scheme ("http" or "https") and host are those that the visitor used, host being
// known to be one of the site's. requestURL is that of the request as the client
// sent it, before [http.StripPrefix] for one; of it, only Path and RawQuery count.
// As in Django, the path is decoded and escaped anew, so that %2F becomes a slash,
// and bytes that are not UTF-8 come out escaped twice. Non-ASCII bytes in the
// query, which no browser sends, are escaped as under ASGI; under WSGI Django
// garbles them.
func Next(loginURL, scheme, host string, requestURL *url.URL) string {
	path := requestURL.Path
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	path = quote(repercent(path), pathSafe)
	var query string
	if requestURL.RawQuery != "" {
		query = "?" + quote(requestURL.RawQuery, uriSafe)
	}

	login := split(loginURL)
	if (login.scheme == "" || login.scheme == scheme) && (login.netloc == "" || login.netloc == host) {
		return path + query
	}
	return scheme + "://" + host + resolveDots(path) + query
}

// resolveDots resolves the segments "." and "..", as Django does in an absolute
// URI. Like Django it leaves a path alone whose last segment is the only such one.
func resolveDots(path string) string {
	if !strings.Contains(path, "/./") && !strings.Contains(path, "/../") {
		return path
	}
	var kept []string
	var last string
	for segment := range strings.SplitSeq(path, "/") {
		last = segment
		switch {
		case segment == ".":
		case segment != "..":
			kept = append(kept, segment)
		case len(kept) > 0:
			kept = kept[:len(kept)-1]
		}
	}
	if last == "." || last == ".." {
		kept = append(kept, "")
	}
	return "/" + strings.TrimPrefix(strings.Join(kept, "/"), "/")
}
