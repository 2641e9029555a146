package safeurl

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/netloc"
)

// Next returns the next that Django's login_required sends to the login page: the path
// and query of the request if loginURL is on the same scheme and host, or names none, and
// else the request's absolute URL.
//
// scheme ("http" or "https") and host are those that the visitor used; host must be known
// to be one of the site's. requested is the URL as the client sent it, before
// [net/http.StripPrefix] for instance; only its Path and RawQuery count. As in Django, the
// path is decoded and escaped again, so that %2F becomes a slash and bytes that are not
// UTF-8 are escaped twice. Non-ASCII bytes in the query, which no browser sends, are
// escaped as under ASGI.
func Next(loginURL, scheme, host string, requested *url.URL) string {
	path, query := escapePath("/"+strings.TrimPrefix(requested.Path, "/")), ""
	if requested.RawQuery != "" {
		query = "?" + Location(requested.RawQuery)
	}
	login, _ := netloc.Split(loginURL)
	if (login.Scheme == "" || login.Scheme == scheme) && (login.Netloc == "" || login.Netloc == host) {
		return path + query
	}
	// Django resolves "." and ".." in an absolute URL, unless the last segment is the only one.
	if strings.Contains(path, "/./") || strings.Contains(path, "/../") {
		path = resolveDots(path)
	}
	return scheme + "://" + host + path + query
}

// escapePath is Django's escape_uri_path after its repercent_broken_unicode.
func escapePath(path string) string {
	var b strings.Builder
	for len(path) > 0 {
		r, size := utf8.DecodeRuneInString(path)
		if r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, "%%%02X", path[0])
		} else {
			b.WriteString(path[:size])
		}
		path = path[size:]
	}
	return netloc.Quote(b.String(), "/:@&+$,!*'()")
}

func resolveDots(path string) string {
	var kept []string
	last := ""
	for last = range strings.SplitSeq(path, "/") {
		switch {
		case last == ".":
		case last != "..":
			kept = append(kept, last)
		case len(kept) > 0:
			kept = kept[:len(kept)-1]
		}
	}
	if last == "." || last == ".." {
		kept = append(kept, "")
	}
	return "/" + strings.TrimPrefix(strings.Join(kept, "/"), "/")
}
