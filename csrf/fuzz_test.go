package csrf_test

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/djsession/djsession/csrf"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/netloc"
	"github.com/djsession/djsession/internal/origin"
)

// FuzzToken takes texts for what a cookie holds and what a header sends, in each
// version: a request passes if both are of the same secret, by another reckoning,
// and what the cookie is afterwards goes with the next token.
func FuzzToken(f *testing.F) {
	var sites []*site
	for _, version := range []string{"2.2", "4.0", "6.1"} {
		sites = append(sites, newSite(f, func(s *django.Settings) { s.DjangoVersion = version }))
	}
	f.Fuzz(func(t *testing.T, held, sent string) {
		for _, st := range sites {
			r := httptest.NewRequest("POST", "/", nil)
			r.Header["Cookie"] = []string{"csrftoken=" + held}
			r.Header["X-Csrftoken"] = []string{sent}
			value, _ := cookie.Get(r.Header, "csrftoken")
			secret, passed := secretOf(value), false
			w := httptest.NewRecorder()
			st.handler(func(_ http.ResponseWriter, r *http.Request) {
				passed = true
				token, err := st.Token(r)
				must(t, err)
				check(t, "the token's secret", secretOf(token), secret)
			}).ServeHTTP(w, r)
			if want := secret != "" && secret == secretOf(sent); passed != want {
				t.Fatalf("%q and %q: passed %v", held, sent, passed)
			}
			for _, c := range w.Result().Cookies() {
				if now := secretOf(c.Value); now == "" || secret != "" && now != secret {
					t.Fatalf("%q: the cookie is set to %q", held, c.Value)
				}
			}
			if log := st.logs.Take(); len(held) >= 32 && strings.Contains(log, held) || len(sent) >= 32 && strings.Contains(log, sent) {
				t.Fatalf("the log holds %q or %q:\n%s", held, sent, log)
			}
		}
	})
}

// fuzzed is a POST with the cookie, and with these headers.
func fuzzed(body string, headers map[string]string) *http.Request {
	r := &http.Request{
		Method: "POST", Proto: "HTTP/1.1", URL: &url.URL{Path: "/form"}, Host: "example.com",
		Header: http.Header{"Cookie": {cookieHeader}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
	for name, value := range headers {
		r.Header[name] = []string{value}
	}
	return r
}

// FuzzForm sends any body of any type. A request passes only if its body holds a
// token of the right secret, and the handler finds the form as it would without
// the middleware.
func FuzzForm(f *testing.F) {
	const urlencoded, multipart = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"
	part := "--b\r\nContent-Disposition: form-data; name=\"csrfmiddlewaretoken\"\r\n\r\n" + masked + "\r\n"
	for _, kind := range []string{urlencoded, "text/plain", "", urlencoded + "; charset", "APPLICATION/X-WWW-FORM-URLENCODED;a=b"} {
		for _, body := range []string{field + masked, field + bare + "&a=1", field + wrong + "&" + field + masked, "a=%zz&" + field + masked, field + masked + ";b", "%63" + field[1:] + masked} {
			f.Add(body, kind)
		}
	}
	for _, body := range []string{part + "--b--", part, part + part + "--b--\r\n", "--b--", "", strings.ReplaceAll(part, "\r", "") + "--b--",
		"--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\nfile\r\n" + part + "--b--"} {
		f.Add(body, multipart)
	}
	st := newSite(f, nil)
	f.Fuzz(func(t *testing.T, body, kind string) {
		headers := map[string]string{"Content-Type": kind}
		plain := fuzzed(body, headers)
		text := netloc.Unquote(body)
		may := strings.Contains(text, masked) || strings.Contains(text, bare) || strings.Contains(strings.ToLower(body), "base64")

		var seen *http.Request
		var problem error
		w := httptest.NewRecorder()
		st.handler(func(_ http.ResponseWriter, r *http.Request) {
			seen, problem = r, r.ParseMultipartForm(1<<20)
		}).ServeHTTP(w, fuzzed(body, headers))
		if seen != nil && !may || (seen != nil) != (w.Code == http.StatusOK) {
			t.Fatalf("%q of type %q: status %d", body, kind, w.Code)
		}
		if log := st.logs.Take(); strings.Contains(log, bare) || strings.Contains(log, masked) {
			t.Fatalf("%q of type %q: the log holds the token:\n%s", body, kind, log)
		}
		if seen == nil {
			return
		}
		if expected := plain.ParseMultipartForm(1 << 20); (problem == nil) != (expected == nil) || !reflect.DeepEqual(seen.PostForm, plain.PostForm) {
			t.Fatalf("%q of type %q: the handler sees %v, %v; want %v, %v", body, kind, seen.PostForm, problem, plain.PostForm, expected)
		}
		if plain.MultipartForm != nil {
			must(t, plain.MultipartForm.RemoveAll())
			if !reflect.DeepEqual(seen.MultipartForm.Value, plain.MultipartForm.Value) || len(seen.MultipartForm.File) != len(plain.MultipartForm.File) {
				t.Fatalf("%q: the handler sees %v, want %v", body, seen.MultipartForm.Value, plain.MultipartForm.Value)
			}
		}
	})
}

// FuzzSource sends a good token from any Origin and Referer. What passes is, as
// net/url reads it, the site itself or one that it trusts; and the log holds no more
// of a Referer than where it comes from.
func FuzzSource(f *testing.F) {
	for _, from := range []string{
		"https://example.com", "http://example.com", "https://trusted.example", "https://a.wild.example", "https://wild.example", "https://evil.example",
		"https://evil.example/.wild.example", "https://trusted.example@evil.example", "https://evilwild.example", "null", "", "HTTPS://trusted.example", "https://a.wild.example:8000",
		"https://[::1]", "https://trusted.example.", "//trusted.example", "https:trusted.example", "https://trusted.example:443/a?b",
	} {
		for which := range uint8(8) {
			f.Add(from, "https://trusted.example/a", "example.com", which)
			f.Add("https://evil.example", from, "example.com", which)
			f.Add(from, from, "example.com:443", which)
		}
	}
	var sites []*site
	for _, s := range []struct {
		version string
		trusted []string
	}{{"3.2", []string{"trusted.example", ".wild.example"}}, {"6.1", []string{"https://trusted.example", "https://*.wild.example"}}} {
		sites = append(sites, newSite(f, func(set *django.Settings) { set.DjangoVersion, set.CSRFTrustedOrigins = s.version, s.trusted }))
	}
	wellFormed := regexp.MustCompile(`^(?:[a-zA-Z0-9.-]+|\[[a-fA-F0-9]*:[a-fA-F0-9.:]+\])(?::[0-9]+)?$`)
	f.Fuzz(func(t *testing.T, from, referer, host string, which uint8) {
		secure, modern, hasOrigin := which&1 != 0, which&2 != 0, which&4 != 0
		if strings.ContainsFunc(from+referer+host, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return // which the server does not let in
		}
		referer += "?s3cret-of-a-query"
		headers := map[string]string{"X-Csrftoken": masked, "Referer": referer}
		if hasOrigin {
			headers["Origin"] = from
		}
		st := sites[which>>1&1]
		r := fuzzed("", headers)
		r.Host = host
		scheme := "http"
		if secure {
			r.TLS, scheme = new(tls.ConnectionState), "https"
		}
		passed := false
		st.handler(func(http.ResponseWriter, *http.Request) { passed = true }).ServeHTTP(httptest.NewRecorder(), r)
		if log := st.logs.Take(); strings.Contains(log, "s3cret") || strings.Contains(log, masked) {
			t.Fatalf("Referer %q: the log holds a secret:\n%s", referer, log)
		}

		// The site's own address, and whether a URL is of a site that is trusted.
		self := scheme + "://" + host
		trusted := func(text string) bool {
			scheme, rest, _ := strings.Cut(text, "://")
			authority, _, _ := strings.Cut(strings.NewReplacer("?", "/", "#", "/").Replace(rest), "/")
			name := authority[strings.LastIndexByte(authority, '@')+1:]
			if u, err := url.Parse(text); err == nil && u.Host != name {
				return false
			}
			own := name == strings.ToLower(host) && wellFormed.MatchString(host)
			return strings.EqualFold(scheme, "https") && (own || name == "trusted.example" || name == "wild.example" || strings.HasSuffix(name, ".wild.example"))
		}
		switch {
		case hasOrigin && modern:
			same := from == self && wellFormed.MatchString(host) && strings.Trim(host, ".") != ""
			if passed && !same && !trusted(from) || !passed && (same || from == "https://trusted.example" || from == "https://a.wild.example") {
				t.Fatalf("Origin %q to %q: passed %v", from, self, passed)
			}
		case !secure:
			if !passed {
				t.Fatalf("Referer %q to %q is refused", referer, self)
			}
		case passed && !trusted(strings.TrimLeft(referer, " ")):
			t.Fatalf("Referer %q to %q: passed", referer, self)
		}
	})
}

// FuzzSettings: settings that are accepted make a protection that takes its own
// tokens back, and requests from the origin that they trust.
func FuzzSettings(f *testing.F) {
	f.Add("https://trusted.example", "HTTP_X_CSRFTOKEN", "csrftoken", "", "/", int64(31449600), uint8(0))
	f.Add("trusted.example", "HTTP_X_TOKEN", "__Host-csrf", "example.com", "/a", int64(0), uint8(1))
	f.Add("https://*.wild.example", "X-CSRFToken", "a b", ";", "", int64(-1), uint8(2))
	f.Add("https://trusted.example", "X-XSRF-TOKEN", "shop:csrftoken", "", "", int64(1), uint8(0))
	f.Add("https://trusted.example", "HTTP_X-CSRFToken", "csrftoken", "", "/", int64(1), uint8(0))
	f.Add("*", "HTTP_", "sessionid", "", "/", int64(1), uint8(3))
	f.Add("HTTPS://a/b", "http_x", "csrftoken", "\n", "/", int64(1), uint8(0))
	versions := []string{"6.1", "3.2", "4.0", "2.2"}
	f.Fuzz(func(t *testing.T, trusted, header, name, domain, path string, age int64, which uint8) {
		s := django.DefaultSettings()
		s.SecretKey, s.DjangoVersion = "the-secret-of-the-site", versions[int(which)%len(versions)]
		s.CSRFTrustedOrigins, s.CSRFHeaderName, s.CSRFCookieName = []string{trusted}, header, name
		s.CSRFCookieDomain, s.CSRFCookiePath, s.CSRFCookieAge = domain, path, age
		sessions, err := django.New(s, django.EngineFunc(func(django.Site) (django.Store, error) { return &memory{}, nil }))
		if err != nil {
			return
		}
		p, err := csrf.New(sessions)
		must(t, err)
		serve := func(r *http.Request, h http.HandlerFunc) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			sessions.Middleware(p.Middleware(h)).ServeHTTP(w, r)
			return w
		}
		r := fuzzed("", nil)
		r.Method = "GET"
		r.Header = http.Header{}
		var token string
		w := serve(r, func(_ http.ResponseWriter, r *http.Request) { token, err = p.Token(r) })
		must(t, err)
		lines := w.Header()["Set-Cookie"]
		if len(lines) != 1 {
			t.Fatalf("cookies %q", lines)
		}
		pair, _, _ := strings.Cut(lines[0], ";") // net/http does not parse all names that Python does
		got, value, _ := strings.Cut(pair, "=")
		if got != name || secretOf(value) != secretOf(token) {
			t.Fatalf("%q", lines[0])
		}

		sent := origin.HeaderName(header)
		if slices.Contains([]string{"Cookie", "Origin", "Content-Type"}, sent) {
			return // which says something else already
		}
		headers, body := map[string]string{"Cookie": name + "=" + value, sent: token}, ""
		if sent == "" { // the setting names no header
			headers["Content-Type"], body = "application/x-www-form-urlencoded", field+token
		}
		if which%2 == 0 && !strings.Contains(trusted, "*") {
			headers["Origin"] = trusted
		}
		if w := serve(fuzzed(body, headers), ok); w.Code != http.StatusOK {
			t.Fatalf("status %d with its own token, from %q", w.Code, headers["Origin"])
		}
	})
}
