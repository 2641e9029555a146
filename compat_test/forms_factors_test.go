package compat

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"
)

// choose returns a choice without randomness.
func choose(name string, f func(*draft)) choice {
	return choice{name, func(_ *rand.Rand, d *draft) { f(d) }}
}

func formValues(set func(*draft, string), texts ...string) []choice {
	choices := make([]choice, len(texts))
	for i, text := range texts {
		choices[i] = choose(fmt.Sprintf("%q", text), func(d *draft) { set(d, text) })
	}
	return choices
}

// tokenForms are values of a cookie, a session or a field, valid and invalid.
var tokenForms = []struct {
	name string
	of   func(*rand.Rand, draft) string
}{
	{"masked", func(r *rand.Rand, d draft) string { return maskedSecret(r, d.secret) }},
	{"bare", func(_ *rand.Rand, d draft) string { return d.secret }},
	{"of another secret", func(r *rand.Rand, d draft) string { return maskedSecret(r, d.other) }},
	{"another secret", func(_ *rand.Rand, d draft) string { return d.other }},
	{"empty", func(*rand.Rand, draft) string { return "" }},
	{"of 1 character", func(*rand.Rand, draft) string { return "a" }},
	{"of 31 characters", func(_ *rand.Rand, d draft) string { return d.secret[1:] }},
	{"of 33 characters", func(_ *rand.Rand, d draft) string { return d.secret + "a" }},
	{"of 63 characters", func(r *rand.Rand, d draft) string { return maskedSecret(r, d.secret)[1:] }},
	{"of 65 characters", func(r *rand.Rand, d draft) string { return maskedSecret(r, d.secret) + "a" }},
	{"of 128 characters", func(r *rand.Rand, d draft) string { return maskedSecret(r, d.secret) + maskedSecret(r, d.secret) }},
	{"with a hyphen", func(_ *rand.Rand, d draft) string { return d.secret[:31] + "-" }},
	{"masked, with a hyphen", func(r *rand.Rand, d draft) string { return maskedSecret(r, d.secret)[:63] + "-" }},
	{"with a slash, too long", func(_ *rand.Rand, d draft) string { return d.secret + "/" }},
	{"with a letter beyond ASCII", func(_ *rand.Rand, d draft) string { return d.secret[:31] + "é" }},
	{"with one in two bytes", func(_ *rand.Rand, d draft) string { return d.secret[:30] + "é" }},
	{"in another case", func(r *rand.Rand, d draft) string { return strings.ToUpper(maskedSecret(r, d.secret)) }},
	{"with its last character changed", func(r *rand.Rand, d draft) string {
		token := []byte(maskedSecret(r, d.secret))
		token[63] = tokenAlphabet[(strings.IndexByte(tokenAlphabet, token[63])+1)%len(tokenAlphabet)]
		return string(token)
	}},
	{"of 64 times the same", func(*rand.Rand, draft) string { return strings.Repeat("9", 64) }},
	{"in quotes", func(_ *rand.Rand, d draft) string { return `"` + d.secret + `"` }},
	{"with a space inside", func(_ *rand.Rand, d draft) string { return d.secret[:15] + " " + d.secret[16:] }},
}

func heldChoices() (choices []choice) {
	for _, form := range tokenForms {
		choices = append(choices, choice{form.name, func(r *rand.Rand, d *draft) { d.held = []string{form.of(r, *d)} }})
	}
	return append(choices,
		choose("none", func(d *draft) { d.held = nil }),
		choice{"twice, the last right", func(r *rand.Rand, d *draft) { d.held = []string{maskedSecret(r, d.other), maskedSecret(r, d.secret)} }},
		choice{"twice, the last wrong", func(r *rand.Rand, d *draft) { d.held = []string{maskedSecret(r, d.secret), maskedSecret(r, d.other)} }},
		choose("masked, as the token", func(d *draft) { d.held = []string{d.token} }),
		choose("bare, as the token", func(d *draft) { d.held, d.token = []string{d.secret}, d.secret }),
	)
}

func tokenChoices() (choices []choice) {
	for _, form := range tokenForms {
		choices = append(choices,
			choice{form.name, func(r *rand.Rand, d *draft) { d.token = form.of(r, *d) }},
			choice{form.name + ", in the header", func(r *rand.Rand, d *draft) { d.token, d.place = form.of(r, *d), "header" }})
	}
	return choices
}

// formFactors are all choices, by factor.
var formFactors = []factor{
	{"cookie", heldChoices()},
	{"token", tokenChoices()},
	{"token in", formValues(func(d *draft, v string) { d.place = v },
		"header", "another header", "both", "field, header wrong", "header, field wrong", "header, field empty",
		"field, header empty", "field twice, last right", "field twice, last wrong", "header twice",
		"query", "query, wrong field", "a field in capitals", "nowhere")},
	{"body", formValues(func(d *draft, v string) { d.body = v },
		"urlencoded, charset", "urlencoded, escaped", "urlencoded, odd", "urlencoded, semicolon before", "urlencoded, semicolon",
		"urlencoded, capitals", "multipart", "multipart, charset", "multipart, file before", "multipart, token a file",
		"multipart, token in base64", "multipart, cut short", "multipart, boundary missing", "multipart, not that boundary",
		"text", "json", "no type", "odd type", "empty")},
	{"method", formValues(func(d *draft, v string) { d.method = v },
		"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "CUSTOM", "get")},
	{"view", formValues(func(d *draft, v string) { d.path = v }, "/form", "/plain", "/rotate")},
	{"GET of", append(formValues(asPage, "/form", "/plain", "/rotate"),
		choose("/form, nothing held", func(d *draft) { asPage(d, "/form"); d.held = nil }),
		choose("/form, odd cookie", func(d *draft) { asPage(d, "/form"); d.held = []string{"odd"} }),
		choose("/plain, odd cookie", func(d *draft) { asPage(d, "/plain"); d.held = []string{"odd"} }),
	)},
	{"raw", formValues(func(d *draft, v string) { d.path, d.method, d.body, d.place = "/raw", v, "json", "header" },
		"POST", "PUT", "PATCH", "DELETE")},
	{"plain HTTP", []choice{
		choose("", plainHTTP),
		choose("without Referer", func(d *draft) { plainHTTP(d); d.referer = nil }),
		choose("from HTTPS", func(d *draft) { plainHTTP(d); d.origin = []string{"https://example.com"} }),
		choose("its own origin", func(d *draft) { plainHTTP(d); d.origin = []string{"http://example.com"} }),
		choose("a trusted origin", func(d *draft) { plainHTTP(d); d.origin = []string{"http://plain.example"} }),
	}},
	{"host", append(formValues(func(d *draft, v string) { d.host = v },
		"example.com:443", "EXAMPLE.com", "example.com.", "shop.example", "a.shop.example", "evil.example", "exa_mple.com",
		"example.com@evil.example", "example.com:", ""),
		choose("and port 8443", func(d *draft) { d.host, d.port = "example.com:8443", "8443" }),
		choose("and port 80", func(d *draft) { d.host, d.port = "example.com:80", "80" }),
		choose("in brackets", func(d *draft) { d.host, d.port = "[::1]:8443", "8443" }),
		choose("of a referer", func(d *draft) { d.host, d.referer = "evil.example", []string{"https://evil.example/form"} }),
		choose("of an origin", func(d *draft) { d.host, d.origin = "evil.example", []string{"https://evil.example"} }),
		choose("and port of an origin", func(d *draft) {
			d.host, d.port, d.origin = "example.com:8443", "8443", []string{"https://example.com:8443"}
		}),
		choose("in capitals, of an origin", func(d *draft) { d.host, d.origin = "Example.com", []string{"https://example.com"} }),
	)},
	{"Origin", append(formValues(func(d *draft, v string) { d.origin = []string{v} },
		"https://example.com", "http://example.com", "https://example.com:443", "https://example.com:8443", "https://EXAMPLE.com",
		"HTTPS://example.com", "https://example.com/", " https://example.com", "example.com", "https://sub.example.com",
		"https://evil.example", "https://example.com.evil.example", "null", "", "https:", "https://[",
		"https://trusted.example", "http://trusted.example", "https://trusted.example:8443", "https://a.trusted.example",
		"https://wild.example", "https://a.wild.example", "https://a.b.wild.example", "https://awild.example", "http://a.wild.example",
		"https://a.wild.example:444", "https://A.Wild.Example", "https://a.upper.example:444", "https://x@a.wild.example",
		"https://a.wild.example/path", "https://*.wild.example", "https://]a.wild.example", "//a.wild.example", "https://é.wild.example"),
		choose("null, and no referer", func(d *draft) { d.origin, d.referer = []string{"null"}, nil }),
		choose("alone", func(d *draft) { d.origin, d.referer = []string{"https://example.com"}, nil }),
		choose("twice", func(d *draft) { d.origin = []string{"https://example.com", "https://example.com"} }),
	)},
	{"Referer", append(formValues(func(d *draft, v string) { d.referer = []string{v} },
		"https://example.com", "https://example.com/?q#f", "https://example.com:443/", "https://example.com:8443/", "https://EXAMPLE.com/",
		"HTTPS://example.com/", " https://example.com/", "https://exam\tple.com/", "http://example.com/", "ftp://example.com/",
		"https://sub.example.com/", "https://a.sub.example.com/", "https://shop.example/", "https://a.shop.example/",
		"https://front.example/", "https://a.front.example/", "https://evil.example/", "http://evil.example/",
		"https://evil.example/path?secret=1#f", "https://example.com.evil.example/", "https://x@example.com/",
		"https://example.com@evil.example/", "https://example.com\\@evil.example/", "https://example.com;x/", "https://é.example/",
		"https://trusted.example/", "https://trusted.example:8443/", "https://Trusted.example/", "https://plain.example/",
		"https://a.wild.example/", "https://wild.example/", "https://a.upper.example:444/",
		"", "example.com", "//example.com/", "/form", "https", "https:", "https:///", "https:example.com", "about:blank",
		"javascript:alert(1)", "https://[", "https://]/", "https://[x]/", "https://[::1/", "https://[::1]/", "https://[::1]:8443/",
		"https://a[::1]/"),
		choose("none", func(d *draft) { d.referer = nil }),
	)},
	{"scrambled", []choice{
		{"Origin", func(r *rand.Rand, d *draft) { d.origin = []string{scrambled(r, "https://a.wild.example")} }},
		{"Referer", func(r *rand.Rand, d *draft) { d.referer = []string{scrambled(r, "https://example.com/form")} }},
		{"host of a Referer", func(r *rand.Rand, d *draft) {
			d.host = scrambled(r, "example.com:443")
			d.referer = []string{"https://" + d.host + "/form"}
		}},
		{"host of an Origin", func(r *rand.Rand, d *draft) {
			d.host = scrambled(r, "example.com:443")
			d.origin = []string{"https://" + d.host}
		}},
		{"token", func(r *rand.Rand, d *draft) { d.token = scrambled(r, d.token) }},
		{"cookie", func(r *rand.Rand, d *draft) { d.held = []string{scrambled(r, d.secret)} }},
	}},
	{"proxy", []choice{
		forwarded("Proto", "http"), forwarded("Proto", "https"), forwarded("Proto", "https, http"), forwarded("Proto", "http,https"),
		forwarded("Host", "front.example"), forwarded("Host", "evil.example, example.com"),
		forwarded("Port", "8443"), forwarded("Port", "80"), forwarded("Port", "443"),
		choose("in front", inFront),
		choose("in front, with an origin", func(d *draft) {
			plainHTTP(d)
			d.host, d.port, d.origin = "inside", "8000", []string{"https://front.example"}
			d.headers = [][2]string{{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "front.example"}}
		}),
		choose("in front, at a port", func(d *draft) {
			plainHTTP(d)
			d.host, d.port, d.referer = "inside", "8000", []string{"https://front.example:8443/form"}
			d.headers = [][2]string{{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "front.example:8443"}, {"X-Forwarded-Port", "8443"}}
		}),
	}},
}

// inFront makes the request one that came through a proxy.
func inFront(d *draft) {
	d.secure, d.host, d.port, d.referer = false, "inside", "8000", []string{"https://front.example/form"}
	d.headers = [][2]string{{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "front.example"}, {"X-Forwarded-Port", "443"}}
}

// scrambled is an address with a few characters changed.
func scrambled(random *rand.Rand, address string) string {
	const odd = " \t@:/?#[].*%\\;,-_~'\"<>{}|^`!$&()+=0é\u00a0\u212aX"
	runes := []rune(address)
	for range 1 + random.IntN(3) {
		i := random.IntN(len(runes) + 1)
		switch r := []rune(odd)[random.IntN(utf8.RuneCountInString(odd))]; {
		case i < len(runes) && random.IntN(2) == 0:
			runes[i] = r
		case i < len(runes) && random.IntN(3) == 0:
			runes = slices.Delete(runes, i, i+1)
		default:
			runes = slices.Insert(runes, i, r)
		}
	}
	return string(runes)
}

func plainHTTP(d *draft) { d.secure, d.port = false, "80" }

// asPage makes the request one for a page.
func asPage(d *draft, path string) {
	d.method, d.path, d.body, d.place = "GET", path, "empty", "nowhere"
}

func forwarded(name, value string) choice {
	return choose(name+": "+value, func(d *draft) { d.headers = append(d.headers, [2]string{"X-Forwarded-" + name, value}) })
}
