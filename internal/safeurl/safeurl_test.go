package safeurl

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestAllowed(t *testing.T) {
	hosts := []string{"example.com", "example.com:8000", "[::1]:8000"}
	for _, test := range []struct {
		url         string
		http, https bool // allowed without and with requireHTTPS
	}{
		{"/", true, true},
		{"/a/b/?next=//evil.example#c", true, true},
		{"a/b", true, true},
		{"?a=b", true, true},
		{"#a", true, true},
		{" /a ", true, true},
		{"/é国😀", true, true},
		{"/%5Cevil.example", true, true},
		{"://evil.example", true, true},
		{"a/http://evil.example", true, true},
		{"//example.com/a", true, false},
		{"http://example.com", true, false},
		{"https://example.com?a", true, true},
		{"HTTPS://example.com:8000/a", true, true},
		{"https://[::1]:8000/", true, true},

		{"", false, false},
		{" ", false, false},
		{"//evil.example", false, false},
		{"///evil.example", false, false},
		{"http:///evil.example", false, false},
		{"http:/evil.example", false, false},
		{"http:evil.example", false, false},
		{"http:example.com", false, false},
		{`\\evil.example`, false, false},
		{`/\evil.example`, false, false},
		{`\/evil.example`, false, false},
		{`\evil.example`, false, false},
		{`/./\evil.example`, false, false},
		{`http:\\evil.example`, false, false},
		{`https://example.com\@evil.example`, false, false},
		{`https://evil.example\@example.com`, false, false},
		{"/\t/evil.example", false, false},
		{"/\n/evil.example", false, false},
		{"\x00//evil.example", false, false},
		{"\x1f/a", false, false},
		{"/a\r\nSet-Cookie: sessionid=x", false, false},
		{"/a\x7f", false, false},
		{"/a\u0085", false, false},
		{"\u00a0/a", false, false},
		{"/a\u3000", false, false},
		{"\u200b/a", false, false},
		{"\ufeff/a", false, false},
		{" //evil.example", false, false},
		{"javascript:alert(1)", false, false},
		{"javascript://example.com/%0aalert(1)", false, false},
		{"java\tscript:alert(1)", false, false},
		{"data:text/html,a", false, false},
		{"ftp://example.com", false, false},
		{"file:///etc/passwd", false, false},
		{"https://user@example.com", false, false},
		{"https://example.com@evil.example", false, false},
		{"https://example.com.", false, false},
		{"https://EXAMPLE.com", false, false},
		{"https://example.com:80", false, false},
		{"https://example.com.evil.example", false, false},
		{"https://ex%61mple.com", false, false},
		{"https://ｅxample.com", false, false},
		{"https://[::1", false, false},
		{"//", false, false},
		{"//?a", false, false},
		{"1http://example.com", false, false},
		{"/a\xff", false, false},
		{"/\xed\xa0\x80", false, false},
	} {
		if got := Allowed(test.url, hosts, false); got != test.http {
			t.Errorf("%q: %t", test.url, got)
		}
		if got := Allowed(test.url, hosts, true); got != test.https {
			t.Errorf("%q by HTTPS: %t", test.url, got)
		}
	}
}

func TestAllowedHostsThatAreNone(t *testing.T) {
	hosts := []string{"", "user@example.com", "bücher.example", "ex%61mple.com", "example.com/a", " ", "*"}
	for _, host := range hosts {
		if url := "https://" + host; Allowed(url, hosts, false) {
			t.Errorf("%q is allowed", url)
		}
	}
	if !Allowed("/", nil, true) || Allowed("//example.com", nil, false) {
		t.Error("without hosts, relative URLs alone are to be allowed")
	}
}

func TestAllowedLength(t *testing.T) {
	for _, char := range []string{"a", "é"} {
		longest := "/" + strings.Repeat(char, 2047)
		if !Allowed(longest, nil, false) || Allowed(longest+char, nil, false) {
			t.Errorf("2,048 characters are to be the most, also of %q", char)
		}
	}
}

// checkStays: whatever is allowed stays on the site in a browser, sent as it is
// or by http.Redirect, and can be sent without harm.
func checkStays(t *testing.T, link string, hosts []string, requireHTTPS bool) {
	t.Helper()
	if !Allowed(link, hosts, requireHTTPS) {
		return
	}
	if !utf8.ValidString(link) || strings.ContainsFunc(link, unicode.IsControl) {
		t.Errorf("%q holds what may not stand in a header", link)
	}
	if u, err := url.Parse(link); err == nil && (u.Opaque != "" || u.User != nil || u.Host != "" && !slices.Contains(hosts, u.Host)) {
		t.Errorf("%q: net/url sees %#v", link, u)
	}
	bases := []origin{{"https", "site.example"}, {"http", "site.example"}}
	if requireHTTPS {
		bases = bases[:1]
	}
	for _, path := range []string{"", "/", "//evil.example/login", "/%5Cevil.example/login"} {
		location := link
		if path != "" {
			location = redirected(t, path, link)
		}
		for _, base := range bases {
			if there := browse(base, location); !onSite(base, there, hosts, requireHTTPS) {
				t.Errorf("%q to %q (HTTPS %t) is allowed; from path %q by %s, Location %q leads to %q",
					link, hosts, requireHTTPS, path, base.scheme, location, there)
			}
		}
	}
}

// redirected returns the Location that http.Redirect makes of link.
func redirected(t *testing.T, path, link string) string {
	t.Helper()
	u, err := url.ParseRequestURI(path)
	if err != nil {
		t.Fatal(err)
	}
	w := headerWriter{}
	http.Redirect(w, &http.Request{Method: "POST", URL: u}, link, http.StatusFound)
	return http.Header(w).Get("Location")
}

// headerWriter is a response of which the headers alone count.
type headerWriter http.Header

func (w headerWriter) Header() http.Header       { return http.Header(w) }
func (w headerWriter) Write([]byte) (int, error) { return 0, nil }
func (w headerWriter) WriteHeader(int)           {}

func TestAllowedStaysOnTheSite(t *testing.T) {
	var g goldenAllowed
	golden(t, "allowed.json", &g)
	hosts := slices.Concat(g.Hosts...)
	for _, c := range g.Allowed {
		checkStays(t, c.asked[0], hosts, false)
		checkStays(t, c.asked[0], hosts, true)
	}
}

// The browser that the others trust in knows the tricks.
func TestBrowse(t *testing.T) {
	base := origin{"https", "site.example"}
	for link, want := range map[string]origin{
		"":                                  base,
		"/a":                                base,
		"a//b":                              base,
		"?//evil.example":                   base,
		"/.//evil.example":                  base,
		"https:a":                           base,
		"https:/a":                          base,
		`https:\a`:                          base,
		"1a:b":                              base,
		"://evil.example":                   base,
		"https://site.example:443":          base,
		"//evil.example":                    {"https", "evil.example"},
		"///evil.example":                   {"https", "evil.example"},
		`/\evil.example`:                    {"https", "evil.example"},
		` \/evil.example\a`:                 {"https", "evil.example"},
		"\x00/\t/\nevil.example":            {"https", "evil.example"},
		`https:\\evil.example`:              {"https", "evil.example"},
		`https:/\evil.example`:              {"https", "evil.example"},
		"http:evil.example":                 {"http", "evil.example"},
		"HT\nTP:///evil.example:80?a":       {"http", "evil.example"},
		"//site.example@evil.example":       {"https", "evil.example"},
		`//site.example\@evil.example`:      {"https", "site.example"},
		"https://evil.example:8000#@a":      {"https", "evil.example:8000"},
		"javascript:alert(1)":               {"javascript", ""},
		"\x1fjava\nscript://site.example/a": {"javascript", ""},
		"file:///a":                         {"file", ""},
		"//":                                {"https", ""},
		"http://?a":                         {"http", ""},
	} {
		if got := browse(base, link); got != want {
			t.Errorf("%q leads to %q, want %q", link, got, want)
		}
	}
}
