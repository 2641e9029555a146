// Package origin says what address a request was made for: its scheme, host and
// port as Django's HttpRequest finds them, behind a proxy, too.
package origin

import (
	"net"
	"net/http"
	"strings"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/netloc"
)

// Host returns the host that the request was made for, as it was given, with its
// port if it had one. Django's get_host. ok is false where Django raises
// DisallowedHost: the host is malformed, or not one of AllowedHosts; nil takes
// any that is well-formed. A request without a Host header, which Django
// completes from the server's own name, is malformed here.
func Host(r *http.Request, s *django.Settings) (host string, ok bool) {
	host = r.Host
	if s.UseXForwardedHost {
		if forwarded, found := Header(r, "HTTP_X_FORWARDED_HOST"); found {
			host = forwarded
		}
	}
	name := netloc.Domain(host)
	if name == "" || s.AllowedHosts != nil && !netloc.Allowed(name, s.AllowedHosts) {
		return "", false
	}
	return host, true
}

// Port returns the port that the request was made to, as a text. Django's
// get_port: this server's own port, if no proxy is to say another. Where the
// server has none, at a Unix socket or in a test, it is the scheme's.
func Port(r *http.Request, s *django.Settings) string {
	if s.UseXForwardedPort {
		if forwarded, found := Header(r, "HTTP_X_FORWARDED_PORT"); found {
			return forwarded
		}
	}
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		if _, port, err := net.SplitHostPort(local.String()); err == nil {
			return port
		}
	}
	if IsSecure(r, s) {
		return "443"
	}
	return "80"
}

// IsSecure reports whether the request was made over HTTPS, either to this
// server or, by SecureProxySSLHeader, to its proxy. Django's is_secure.
func IsSecure(r *http.Request, s *django.Settings) bool {
	name, secure := s.SecureProxySSLHeader[0], s.SecureProxySSLHeader[1]
	if name != "" {
		if value, found := Header(r, name); found {
			return proxyScheme(value, s) == secure
		}
	}
	return r.TLS != nil
}

// Scheme returns "https" or "http", as IsSecure says. Django's request.scheme.
func Scheme(r *http.Request, s *django.Settings) string {
	if IsSecure(r, s) {
		return "https"
	}
	return "http"
}

// proxyScheme is the scheme that a proxy's header names. Of several the first
// counts, which is what the browser asked for; before Django 4.1 several are none.
func proxyScheme(value string, s *django.Settings) string {
	first, _, several := strings.Cut(value, ",")
	if !several {
		return value
	}
	if v, err := djversion.Parse(s.DjangoVersion); err == nil && v.Before(djversion.V4_1) {
		return value
	}
	return strings.TrimSpace(first)
}

// Header returns a request's header by Django's name of it, such as
// "HTTP_X_FORWARDED_PROTO", and whether there is one. Several of the name are one
// text with commas, as WSGI servers give them to Django.
func Header(r *http.Request, name string) (value string, ok bool) {
	values := r.Header[HeaderName(name)]
	return strings.Join(values, ","), len(values) > 0
}

// HeaderName returns the header that Django calls name: X-Forwarded-Proto for
// "HTTP_X_FORWARDED_PROTO". It is empty if name does not have that form, as Django finds
// no header by "HTTP_x_forwarded_proto" or "HTTP_X-FORWARDED-PROTO" either.
func HeaderName(name string) string {
	upper := strings.ToUpper(name) == name
	name, ok := strings.CutPrefix(name, "HTTP_")
	if !ok || !upper || strings.Contains(name, "-") {
		return ""
	}
	return http.CanonicalHeaderKey(strings.ReplaceAll(name, "_", "-"))
}
