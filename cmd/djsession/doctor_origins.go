package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/netloc"
	"github.com/djsession/djsession/internal/origin"
)

// checkOrigins works out which origin each side takes a request for that came through the proxy,
// and compares it with the address that the browser has.
func (d *doctor) checkOrigins(ctx context.Context) []diagnosis {
	if d.o.goSide == nil {
		return skip("with --django-url and --go-url, the origin that each side computes is compared with the browser's")
	}
	var problems []diagnosis
	for _, side := range []struct {
		name string
		u    *url.URL
		set  django.Settings
	}{{"Django", d.o.djangoSide, d.siteSettings()}, {"Go", d.o.goSide, d.set}} {
		problems = append(problems, d.checkOrigin(ctx, side.name, side.u, side.set)...)
	}
	problems = append(problems, d.checkTrusted()...)
	return orRight(problems, "both sides take a request for what the browser sent: %s and %s", originOf(d.o.djangoSide), originOf(d.o.goSide))
}

// siteSettings returns the site's settings as far as they are known.
func (d *doctor) siteSettings() django.Settings {
	if d.theirs != nil {
		return *d.theirs
	}
	return d.set
}

// originOf returns the origin of an address, without a default port, as browsers send it.
func originOf(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return u.Scheme + "://" + host
}

// proxied returns a request for an address as it arrives behind the proxy, which ends TLS. With
// http there need be no proxy.
func (d *doctor) proxied(u *url.URL) *http.Request {
	r := &http.Request{Method: http.MethodPost, Host: strings.TrimPrefix(originOf(u), u.Scheme+"://"), URL: &url.URL{Path: u.Path}, Header: http.Header{}}
	headers := d.o.proxyHeaderOverrides
	if headers == nil {
		port := u.Port()
		if port == "" {
			port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
		}
		headers = [][2]string{{"X-Forwarded-Proto", u.Scheme}, {"X-Forwarded-Host", r.Host}, {"X-Forwarded-Port", port}}
	}
	for _, h := range headers {
		if http.CanonicalHeaderKey(h[0]) == "Host" {
			r.Host = h[1]
			continue
		}
		r.Header.Add(h[0], h[1])
	}
	return r
}

func (d *doctor) checkOrigin(ctx context.Context, side string, u *url.URL, set django.Settings) []diagnosis {
	r := d.proxied(u)
	by := origin.Settings{DjangoVersion: set.DjangoVersion, AllowedHosts: set.AllowedHosts, UseXForwardedHost: set.UseXForwardedHost, UseXForwardedPort: set.UseXForwardedPort, SecureProxySSLHeader: set.SecureProxySSLHeader}
	host, allowed := by.Host(r)
	if !allowed {
		return failLocal("allowed-hosts", fmt.Sprintf("%s refuses requests for %s: ALLOWED_HOSTS has no such host", side, r.Host), fmt.Sprintf("add %q to %s", u.Hostname(), d.placeOf("ALLOWED_HOSTS")))
	}
	scheme := by.Scheme(r)
	if side == "Django" && d.project != nil {
		var theirs struct{ Scheme, Host, Error string }
		if err := d.project.Call(ctx, "request_origin", map[string]any{"host": r.Host, "headers": r.Header}, &theirs); err != nil {
			return failUnexpected(err)
		}
		if theirs.Error != "" {
			return failLocal("allowed-hosts", fmt.Sprintf("the site's Django refuses requests for %s (%s)", r.Host, theirs.Error), fmt.Sprintf("add %q to ALLOWED_HOSTS in the site's settings.py", u.Hostname()))
		}
		scheme, host = theirs.Scheme, theirs.Host
	}
	computed := scheme + "://" + strings.ToLower(host)
	if computed == originOf(u) {
		return nil
	}
	if scheme != u.Scheme && u.Scheme == "https" {
		return failLocal("proxy-ssl-header", fmt.Sprintf("%s takes requests for %s for %s: behind a proxy that ends TLS it does not see HTTPS, refuses forms, and redirects to http", side, originOf(u), computed),
			"set "+d.placeOf("SECURE_PROXY_SSL_HEADER")+" to ('HTTP_X_FORWARDED_PROTO', 'https'), and let the proxy set X-Forwarded-Proto and remove the visitor's")
	}
	return failLocal("proxy-host", fmt.Sprintf("%s takes requests for %s for %s: it refuses forms", side, originOf(u), computed),
		"let the proxy pass the Host on (nginx: proxy_set_header Host $http_host), or set "+d.placeOf("USE_X_FORWARDED_HOST")+" to True and let the proxy set X-Forwarded-Host")
}

// checkTrusted looks at forms that go from one side to the other.
func (d *doctor) checkTrusted() (problems []diagnosis) {
	site, service := originOf(d.o.djangoSide), originOf(d.o.goSide)
	if site == service {
		return nil
	}
	for _, to := range []struct {
		name, from string
		set        django.Settings
	}{{"Go", site, d.set}, {"Django", service, d.siteSettings()}} {
		if !trusts(to.set, to.from) {
			problems = append(problems, warn("csrf-trusted-origins", fmt.Sprintf("%s refuses forms of pages of %s", to.name, to.from), fmt.Sprintf("if there are such forms, add %q to %s", to.from, d.placeOf("CSRF_TRUSTED_ORIGINS")))...)
		}
	}
	return problems
}

// trusts reports whether CSRF_TRUSTED_ORIGINS has an origin.
func trusts(set django.Settings, from string) bool {
	scheme, host, _ := strings.Cut(from, "://")
	version, err := djversion.Parse(set.DjangoVersion)
	return slices.ContainsFunc(set.CSRFTrustedOrigins, func(o string) bool {
		trusted, pattern, ok := strings.Cut(o, "://")
		if !ok { // a host, before Django 4.0
			return err == nil && set.DjangoVersion != "" && version.Before(djversion.V4_0) && netloc.SameDomain(host, o)
		}
		return trusted == scheme && (pattern == host || strings.HasPrefix(pattern, "*.") && netloc.SameDomain(host, pattern[1:]))
	})
}
