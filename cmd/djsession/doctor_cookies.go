package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/djsession/djsession/django"
)

// siteCookie is a cookie that both sides set.
type siteCookie struct {
	setting            string // what its settings begin with
	name, domain, path string
	secure             bool
	sameSite           string
}

func (c siteCookie) host() bool { return strings.HasPrefix(c.name, "__Host-") }

// siteCookies returns the session's and the form's.
func siteCookies(s django.Settings) []siteCookie {
	cookies := []siteCookie{{"SESSION_COOKIE_", s.SessionCookieName, s.SessionCookieDomain, s.SessionCookiePath, s.SessionCookieSecure, string(s.SessionCookieSameSite)}}
	if !s.CSRFUseSessions {
		cookies = append(cookies, siteCookie{"CSRF_COOKIE_", s.CSRFCookieName, s.CSRFCookieDomain, s.CSRFCookiePath, s.CSRFCookieSecure, string(s.CSRFCookieSameSite)})
	}
	return cookies
}

// checkCookies looks for cookies that browsers refuse, or do not send to both sides.
func (d *doctor) checkCookies(context.Context) []diagnosis {
	set := d.set
	if d.theirs != nil && !d.settingsGiven() {
		set = *d.theirs
		set.SessionCookieName = d.set.SessionCookieName
	}
	var problems []diagnosis
	for _, c := range siteCookies(set) {
		problems = append(problems, d.refusedCookie(c)...)
		if d.o.goSide != nil {
			problems = append(problems, d.sharedCookie(c)...)
		}
	}
	if d.o.goSide == nil {
		return orRight(problems, "browsers accept them; --django-url and --go-url tell whether both sides get them")
	}
	return orRight(problems, "browsers accept them, and send them to both sides")
}

// refusedCookie returns why browsers refuse a cookie anywhere.
func (d *doctor) refusedCookie(c siteCookie) (problems []diagnosis) {
	domain := strings.TrimPrefix(strings.ToLower(c.domain), ".")
	in := func(end string) string { return d.placeOf(c.setting + end) }
	if strings.EqualFold(c.sameSite, "none") && !c.secure {
		problems = append(problems, failLocal("cookie-samesite", fmt.Sprintf("browsers refuse the cookie %q: SameSite=None needs Secure", c.name), "set "+in("SECURE")+" to True, or SAMESITE to 'Lax'")...)
	}
	switch {
	case c.host() && (!c.secure || c.domain != "" || c.path != "/"):
		problems = append(problems, failLocal("cookie-prefix", fmt.Sprintf("browsers refuse the cookie %q: __Host- needs Secure, Path=/ and no Domain", c.name), "set "+in("SECURE")+" to True, PATH to '/' and DOMAIN to None, or take another NAME")...)
	case strings.HasPrefix(c.name, "__Secure-") && !c.secure:
		problems = append(problems, failLocal("cookie-prefix", fmt.Sprintf("browsers refuse the cookie %q: __Secure- needs Secure", c.name), "set "+in("SECURE")+" to True, or take another NAME")...)
	}
	switch {
	case domain == "":
	case strings.ContainsAny(domain, ":/ "):
		problems = append(problems, failLocal("cookie-domain", fmt.Sprintf("the domain %q has a scheme, port, path or blank, so browsers refuse the cookie", c.domain), "write the name alone, such as example.com, in "+in("DOMAIN"))...)
	case d.isHost(domain): // browsers then store the cookie as if it had no domain
	case net.ParseIP(domain) != nil || !strings.Contains(domain, "."):
		status := failLocal
		if d.o.goSide == nil {
			status = warn
		}
		problems = append(problems, status("cookie-domain", fmt.Sprintf("the domain %q is an address or has no dot: browsers refuse the cookie except at that very host", c.domain), "set "+in("DOMAIN")+" to None: the cookie then belongs to the host")...)
	case isPublicSuffix(domain):
		problems = append(problems, failLocal("cookie-domain", fmt.Sprintf("the domain %q is a public suffix, under which anybody may have a name: browsers refuse the cookie", c.domain), "set "+in("DOMAIN")+" to your own domain, or to None")...)
	}
	return problems
}

// isHost reports whether both sides have this host, as far as is known.
func (d *doctor) isHost(domain string) bool {
	return d.o.goSide != nil && strings.EqualFold(d.o.djangoSide.Hostname(), domain) && strings.EqualFold(d.o.goSide.Hostname(), domain)
}

func isPublicSuffix(domain string) bool {
	suffix, _ := publicsuffix.PublicSuffix(domain)
	return suffix == domain
}

// sharedCookie returns why browsers do not send a cookie that one side set to the other.
func (d *doctor) sharedCookie(c siteCookie) (problems []diagnosis) {
	site, service := d.o.djangoSide, d.o.goSide
	in := func(end string) string { return d.placeOf(c.setting + end) }
	problems = append(problems, d.sharedHost(c, site.Hostname(), service.Hostname())...)
	for _, side := range []struct {
		flag string
		u    *url.URL
	}{{"--django-url", site}, {"--go-url", service}} {
		if c.path == "" {
			continue
		}
		if !pathMatches(side.u.Path, c.path) {
			problems = append(problems, failLocal("cookie-path", fmt.Sprintf("browsers do not send the cookie %q, with the path %q, to %s of %s", c.name, c.path, side.u.Path, side.flag), "set "+in("PATH")+" to '/'")...)
		}
		if c.secure && side.u.Scheme == "http" {
			status := failLocal
			if local(side.u.Hostname()) {
				status = warn // Chrome and Firefox accept it there, Safari does not
			}
			problems = append(problems, status("cookie-secure", fmt.Sprintf("the cookie %q is Secure, and %s is http: browsers neither take nor send it there", c.name, side.flag), "serve both by HTTPS, or set "+in("SECURE")+" to False in development")...)
		}
	}
	if c.path == "" {
		problems = append(problems, failLocal("cookie-path", fmt.Sprintf("the cookie %q has no path, so each page's directory has its own", c.name), "set "+in("PATH")+" to '/'")...)
	}
	if !c.secure && site.Scheme == "https" && service.Scheme == "https" {
		problems = append(problems, warn("cookie-insecure", fmt.Sprintf("both sides use HTTPS, and the cookie %q is not Secure: a browser sends it by HTTP too, where others can read it", c.name), "set "+in("SECURE")+" to True")...)
	}
	if site.Scheme != service.Scheme {
		problems = append(problems, warn("cookie-scheme", "one side is http and the other https: browsers treat them as different sites, and send a Lax or Strict cookie only with links between them", "serve both by HTTPS")...)
	}
	return problems
}

// local reports whether a host is this machine, where browsers treat http as secure.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// sharedHost compares the domain of a cookie with both hosts.
func (d *doctor) sharedHost(c siteCookie, site, service string) []diagnosis {
	site, service = strings.ToLower(site), strings.ToLower(service)
	domain := strings.TrimPrefix(strings.ToLower(c.domain), ".")
	in, status := d.placeOf(c.setting+"DOMAIN"), failLocal
	if c.setting == "CSRF_COOKIE_" {
		status = warn // it matters to forms only
	}
	if domain != "" {
		for _, host := range []string{site, service} {
			if host != domain && !strings.HasSuffix(host, "."+domain) {
				return status("cookie-domain", fmt.Sprintf("the cookie %q has the domain %q, which %s is not in: a browser refuses it from there", c.name, c.domain, host), sharedDomainAdvice(in, site, service))
			}
		}
		return nil
	}
	if site == service {
		return nil
	}
	if local(site) && local(service) {
		return status("cookie-host", fmt.Sprintf("%s and %s are different hosts to a browser, so each has its own cookies", site, service), sharedDomainAdvice(in, site, service))
	}
	return status("cookie-host", fmt.Sprintf("the cookie %q has no domain, so it belongs to %s alone, and %s does not get it", c.name, site, service), sharedDomainAdvice(in, site, service))
}

// sharedDomainAdvice says which domain both hosts are in, if there is one.
func sharedDomainAdvice(setting, site, service string) string {
	if local(site) && local(service) {
		return "use the same name for both; ports do not matter"
	}
	a, b := strings.Split(site, "."), strings.Split(service, ".")
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	common := strings.Join(a[len(a)-n:], ".")
	if common == "" || net.ParseIP(site) != nil || net.ParseIP(service) != nil || isPublicSuffix(common) {
		return "no cookie can be shared between these hosts: serve the Go service under a path or a subdomain of the site, by a proxy"
	}
	return "set " + setting + " to '" + common + "', or serve both on one host"
}

// pathMatches reports whether a cookie's path covers a request's (RFC 6265, 5.1.4).
func pathMatches(request, cookie string) bool {
	return request == cookie || strings.HasPrefix(request, cookie) && (strings.HasSuffix(cookie, "/") || request[len(cookie):][0] == '/')
}
