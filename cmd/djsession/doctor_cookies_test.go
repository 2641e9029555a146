package main

import (
	"encoding/json"
	"maps"
	"testing"
)

// settingsFile makes a settings file of these settings.
func settingsFileOf(t *testing.T, settings map[string]any) string {
	t.Helper()
	all := map[string]any{"DJSESSION_SETTINGS": 1, "CSRF_USE_SESSIONS": true, "ALLOWED_HOSTS": []string{"*"}}
	maps.Copy(all, settings)
	content, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return file(t, "djsession.json", string(content))
}

func TestDoctorOnCookies(t *testing.T) {
	c := newHealthy(t)
	type set = map[string]any
	secure := set{"SESSION_COOKIE_SECURE": true, "SECURE_PROXY_SSL_HEADER": []string{"HTTP_X_FORWARDED_PROTO", "https"}}
	with := func(more set) set { all := maps.Clone(secure); maps.Copy(all, more); return all }
	const site = "https://example.com/"
	for name, test := range map[string]struct {
		want           string
		settings       set
		django, golang string
	}{
		"one host":                  {"", secure, site, "https://example.com/cart/"},
		"one host, two ports":       {"csrf-trusted-origins", set{}, "http://localhost:8000/", "http://localhost:8001/"},
		"a common domain":           {"csrf-trusted-origins", with(set{"SESSION_COOKIE_DOMAIN": ".example.com"}), site, "https://go.example.com/"},
		"a common domain, trusted":  {"", with(set{"SESSION_COOKIE_DOMAIN": "example.com", "CSRF_TRUSTED_ORIGINS": []string{"https://*.example.com"}}), "https://www.example.com/", "https://go.example.com/"},
		"a path of both":            {"", with(set{"SESSION_COOKIE_PATH": "/shop"}), "https://example.com/shop/", "https://example.com/shop/cart"},
		"SameSite=None":             {"cookie-samesite", set{"SESSION_COOKIE_SAMESITE": "None"}, "", ""},
		"__Host- and no Secure":     {"cookie-prefix", set{"SESSION_COOKIE_NAME": "__Host-sessionid"}, "", ""},
		"__Host- and a domain":      {"cookie-prefix", with(set{"SESSION_COOKIE_NAME": "__Host-sessionid", "SESSION_COOKIE_DOMAIN": "example.com"}), "", ""},
		"__Host- and a path":        {"cookie-prefix", with(set{"SESSION_COOKIE_NAME": "__Host-sessionid", "SESSION_COOKIE_PATH": "/a/"}), "", ""},
		"__Secure- and no Secure":   {"cookie-prefix", set{"SESSION_COOKIE_NAME": "__Secure-sessionid"}, "", ""},
		"__Host-, right":            {"", with(set{"SESSION_COOKIE_NAME": "__Host-sessionid"}), "", ""},
		"a domain with a port":      {"cookie-domain", set{"SESSION_COOKIE_DOMAIN": "example.com:8000"}, "", ""},
		"a domain with a scheme":    {"cookie-domain", set{"SESSION_COOKIE_DOMAIN": "https://example.com"}, "", ""},
		"an address as the domain":  {"cookie-domain", set{"SESSION_COOKIE_DOMAIN": "127.0.0.1"}, "", ""},
		"localhost, and only there": {"csrf-trusted-origins", set{"SESSION_COOKIE_DOMAIN": "localhost"}, "http://localhost:8000/", "http://localhost:8001/"},
		"localhost, and an address": {"cookie-domain csrf-trusted-origins", set{"SESSION_COOKIE_DOMAIN": "localhost"}, "http://localhost:8000/", "http://127.0.0.1:8000/"},
		"localhost as the domain":   {"cookie-domain", set{"SESSION_COOKIE_DOMAIN": "localhost"}, "", ""},
		"a public suffix":           {"cookie-domain", set{"SESSION_COOKIE_DOMAIN": ".co.uk"}, "", ""},
		"a hoster's public suffix":  {"cookie-domain", set{"SESSION_COOKIE_DOMAIN": "github.io"}, "", ""},
		"another domain":            {"cookie-domain", with(set{"SESSION_COOKIE_DOMAIN": "example.org"}), site, site},
		"a domain of Django alone":  {"cookie-domain csrf-trusted-origins", with(set{"SESSION_COOKIE_DOMAIN": "www.example.com"}), "https://www.example.com/", "https://go.example.com/"},
		"two hosts":                 {"cookie-host csrf-trusted-origins", secure, "https://www.example.com/", "https://go.example.com/"},
		"two sites":                 {"cookie-host csrf-trusted-origins", secure, "https://one.github.io/", "https://two.github.io/"},
		"localhost and its address": {"cookie-host csrf-trusted-origins", set{}, "http://localhost:8000/", "http://127.0.0.1:8000/"},
		"a path without Go":         {"cookie-path", with(set{"SESSION_COOKIE_PATH": "/shop/"}), "https://example.com/shop/", "https://example.com/cart/"},
		"half a directory":          {"cookie-path", with(set{"SESSION_COOKIE_PATH": "/shop"}), "https://example.com/shop/", "https://example.com/shopping/"},
		"no path":                   {"cookie-path", with(set{"SESSION_COOKIE_PATH": ""}), site, site},
		"Secure by HTTP":            {"cookie-secure", secure, "http://example.com/", "http://example.com/go/"},
		"not Secure by HTTPS":       {"cookie-insecure", with(set{"SESSION_COOKIE_SECURE": false}), site, site},
		"one by HTTP":               {"cookie-scheme csrf-trusted-origins", with(set{"SESSION_COOKIE_SECURE": false}), site, "http://example.com/go/"},
		"the form's cookie":         {"cookie-samesite", set{"CSRF_USE_SESSIONS": false, "CSRF_COOKIE_SAMESITE": "None"}, "", ""},
		"a proxy that ends TLS":     {"proxy-ssl-header", set{"SESSION_COOKIE_SECURE": true}, site, site},
		"a header of another name":  {"proxy-ssl-header", set{"SESSION_COOKIE_SECURE": true, "SECURE_PROXY_SSL_HEADER": []string{"HTTP_X_SCHEME", "https"}}, site, site},
		"a host that is not served": {"allowed-hosts", with(set{"ALLOWED_HOSTS": []string{"www.example.com"}}), "https://example.com/", "https://example.com/go/"},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"--settings", settingsFileOf(t, test.settings)}
			if test.django != "" {
				args = append(args, "--django-url", test.django, "--go-url", test.golang)
			}
			r := diagnose(t, c, args...)
			var got string
			for _, problem := range r.problems() {
				if got != "" {
					got += " "
				}
				got += problem
			}
			if got != test.want {
				t.Errorf("diagnosed %q, want %q\n%s", got, test.want, r.text())
			}
		})
	}
}

// TestDoctorOnProxies: the headers that the proxy sends decide what each side sees.
func TestDoctorOnProxies(t *testing.T) {
	c := newHealthy(t)
	for name, test := range map[string]struct {
		want     string
		settings map[string]any
		headers  []string
	}{
		"the host is lost":          {"proxy-host", nil, []string{"Host: 127.0.0.1:8000", "X-Forwarded-Proto: https"}},
		"the host is in a header":   {"", map[string]any{"USE_X_FORWARDED_HOST": true}, []string{"Host: backend", "X-Forwarded-Host: example.com", "X-Forwarded-Proto: https"}},
		"the header is not sent":    {"proxy-ssl-header", nil, []string{"X-Real-IP: 192.0.2.1"}},
		"the header says otherwise": {"proxy-ssl-header", nil, []string{"X-Forwarded-Proto: http"}},
	} {
		t.Run(name, func(t *testing.T) {
			settings := map[string]any{"SESSION_COOKIE_SECURE": true, "SECURE_PROXY_SSL_HEADER": []string{"HTTP_X_FORWARDED_PROTO", "https"}}
			maps.Copy(settings, test.settings)
			args := []string{"--settings", settingsFileOf(t, settings), "--django-url", "https://example.com/", "--go-url", "https://example.com/go/"}
			for _, header := range test.headers {
				args = append(args, "--proxy-header", header)
			}
			r := diagnose(t, c, args...)
			if got := r.problems(); (test.want == "") != (len(got) == 0) || len(got) > 1 || len(got) == 1 && got[0] != test.want {
				t.Errorf("diagnosed %q, want %q\n%s", got, test.want, r.text())
			}
		})
	}
}
