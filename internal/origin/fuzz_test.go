package origin_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/djsession/djsession/internal/netloc"
	"github.com/djsession/djsession/internal/origin"
)

// wellFormed is what Django takes for a host, as one regular expression.
var wellFormed = regexp.MustCompile(`^(?:[a-zA-Z0-9.-]+|\[[a-fA-F0-9]*:[a-fA-F0-9.:]+\])(?::[0-9]+)?$`)

var onlyDot = regexp.MustCompile(`^\.(?::|$)`) // a name that is nothing without its dot

// FuzzHost takes a text for a host, which it is or is not by another reckoning,
// and for a URL, of which no more than scheme and host may get into a message.
func FuzzHost(f *testing.F) {
	f.Fuzz(func(t *testing.T, text string) {
		want := wellFormed.MatchString(text) && !onlyDot.MatchString(text)
		if got, ok := (&origin.Settings{}).Host(request(text, "", nil)); ok != want || ok && got != text {
			t.Fatalf("host %q: %q, %v", text, got, ok)
		}
		name := strings.TrimSuffix(strings.ToLower(text), ".")
		if want && !strings.Contains(name, ":") {
			if _, ok := (&origin.Settings{AllowedHosts: []string{name}}).Host(request(text, "", nil)); !ok {
				t.Fatalf("host %q is not allowed as %q", text, name)
			}
		}

		switch said := netloc.Redact(text); said {
		case "null", "malformed":
		default:
			scheme, host, _ := strings.Cut(said, "://")
			if !wellFormed.MatchString(host) || strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789+-.") != "" || len(said) > 310 {
				t.Fatalf("%q is told as %q", text, said)
			}
		}
	})
}

// FuzzSplit splits a URL as net/url does, where that can.
func FuzzSplit(f *testing.F) {
	for _, text := range []string{
		"", "https://example.com", "HTTPS://user@Example.com:8000/a?b#c", "//a/b", "a:b", "a://b", "://a", " https://a", "ht\ntps://a", "https:a", "https:/a",
		"https://[::1]:8000/", "https://[::1", "https://a]/", "https:///a", "1a://b", `https:\\a`, "https://a?b/c", "https://a#b",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		split, ok := netloc.Split(text)
		scheme, location := split.Scheme, split.Netloc
		if strings.ContainsAny(location, "/?#\t\r\n") || scheme != strings.ToLower(scheme) || strings.ContainsAny(scheme, ":/ ") {
			t.Fatalf("%q is split into %q and %q", text, scheme, location)
		}
		// What was split off is split off again.
		if u, again := netloc.Split(scheme + "://" + location + "/"); scheme != "" && (u.Scheme != scheme || u.Netloc != location || again != ok) {
			t.Fatalf("%q and %q of %q are split again into %+v", scheme, location, text, u)
		}
		u, err := url.Parse(text)
		if err != nil || !ok || u.User != nil || strings.Contains(text, "%") || strings.HasPrefix(text, " ") {
			return
		}
		if scheme != u.Scheme || location != u.Host {
			t.Fatalf("%q is split into %q and %q; net/url has %q and %q", text, scheme, location, u.Scheme, u.Host)
		}
	})
}

// FuzzForwarded takes texts for what a proxy says: a host counts there as it does in
// the request itself, and HTTPS is only what the setting says.
func FuzzForwarded(f *testing.F) {
	f.Add("example.com:8000", "https")
	f.Add("a, b", "https, http")
	f.Add("", " https")
	f.Add("[::1]", "https ,")
	old, set := settings("4.0"), settings("6.1")
	r := request("own.example", "HTTP_X_FORWARDED_HOST", new(""))
	direct := request("", "", nil)
	f.Fuzz(func(t *testing.T, host, proto string) {
		r.Header["X-Forwarded-Host"] = []string{host}
		r.Header["X-Forwarded-Proto"] = []string{proto}
		direct.Host = host
		got, ok := set.Host(r)
		if want, wantOK := (&origin.Settings{}).Host(direct); got != want || ok != wantOK {
			t.Fatalf("host %q: %q, %v; of the request itself %q, %v", host, got, ok, want, wantOK)
		}
		first, _, several := strings.Cut(proto, ",")
		if several {
			first = strings.TrimSpace(first)
		}
		if set.IsSecure(r) != (first == "https") || old.IsSecure(r) != (proto == "https") {
			t.Fatalf("%q: secure %v, before Django 4.1 %v", proto, set.IsSecure(r), old.IsSecure(r))
		}
		// Several headers are one with commas, of which nobody can add the first.
		r.Header["X-Forwarded-Proto"] = []string{"http", proto}
		if set.IsSecure(r) || old.IsSecure(r) {
			t.Fatalf("%q makes it secure from the second place", proto)
		}
	})
}

func settings(version string) *origin.Settings {
	return &origin.Settings{DjangoVersion: version, UseXForwardedHost: true, SecureProxySSLHeader: [2]string{"HTTP_X_FORWARDED_PROTO", "https"}}
}
