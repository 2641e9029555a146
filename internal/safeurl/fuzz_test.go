package safeurl

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzLogin goes from a request to the login page and back.
func FuzzLogin(f *testing.F) {
	f.Add("/a/b", "c=d&e=f")
	f.Add("/é \\\r\n", "é=\xff%zz#a")
	f.Add("//evil.example/../", "")
	f.Add("/", "#%")
	f.Add("/a\xe4\xb8/./b", "?")
	f.Fuzz(func(t *testing.T, path, query string) {
		if !strings.HasPrefix(path, "/") {
			return
		}
		request := &url.URL{Path: path, RawQuery: query}
		for _, login := range []string{"/login?a=b&next=c#d", "https://sso.example/login?a=b#d"} {
			next := Next(login, "https", "example.com", request)
			to, err := ToLogin(login, next)
			if errors.Is(err, ErrTooLong) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if strings.ContainsFunc(next+to, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
				t.Errorf("%q leads to %q with next %q, which may not stand in a header", request, to, next)
			}
			u, err := url.Parse(to)
			if err != nil {
				t.Fatalf("%q: %v", to, err)
			}
			if q := u.Query(); q.Get("next") != next || q.Get("a") != "b" || len(q) != 2 || len(q["next"]) != 1 || u.Fragment != "d" {
				t.Errorf("%q does not hold next %q once, a=b and #d", to, next)
			}

			back := Allowed(next, []string{"example.com"}, true)
			if want := !strings.HasPrefix(next, "//") && len(next) <= maxURLLength; back != want {
				t.Errorf("back to %q: %t, want %t", next, back, want)
			}
			escaped, _, _ := strings.Cut(next, "?")
			if got, err := url.PathUnescape(escaped); login[0] == '/' && utf8.ValidString(path) && (err != nil || got != path) {
				t.Errorf("back to %q, which is not %q: %v", next, path, err)
			}
		}
	})
}

func FuzzAllowed(f *testing.F) {
	sets := [][]string{nil, {"example.com"}, {"example.com:8000", "[::1]:8000", "other.example", "site.example:443"}}
	for _, link := range []string{
		"/a", "//example.com", "https://example.com:8000/a", "https://[::1]:8000", "///evil.example", `\evil.example`, `/./\evil.example`,
		"/\t/evil.example", "http:evil.example", "javascript:alert(1)", "//example.com@evil.example", "\u00a0//evil.example", "1:2",
	} {
		f.Add(link, uint8(1), false)
	}
	f.Fuzz(func(t *testing.T, link string, set uint8, requireHTTPS bool) {
		checkStays(t, link, sets[int(set)%len(sets)], requireHTTPS)
	})
}
