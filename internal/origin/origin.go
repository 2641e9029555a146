// Package origin finds the address that a request was made for, its scheme, host and
// port, as Django's HttpRequest does, also behind a proxy.
package origin

import (
	"net"
	"net/http"
	"strings"

	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/netloc"
)

// Settings are the fields of this name of django.Settings, validated.
type Settings struct {
	DjangoVersion        string
	AllowedHosts         []string
	UseXForwardedHost    bool
	UseXForwardedPort    bool
	SecureProxySSLHeader [2]string
}

// Host returns the host of the request as it was sent, with its port if it had one.
// ok is false where Django raises DisallowedHost: the host is malformed, or not one of
// AllowedHosts; nil allows every well-formed host. A request without a Host header,
// which Django completes from the server's name, is malformed here. Django's get_host.
func (s *Settings) Host(r *http.Request) (host string, ok bool) {
	host = r.Host
	if s.UseXForwardedHost {
		if forwarded, found := Header(r, "HTTP_X_FORWARDED_HOST"); found {
			host = forwarded
		}
	}
	domain := netloc.Domain(host)
	if domain == "" || s.AllowedHosts != nil && !netloc.Allowed(domain, s.AllowedHosts) {
		return "", false
	}
	return host, true
}

// Port returns the port of the request: the proxy's if UseXForwardedPort is set, or else
// this server's. A server without a port, on a Unix socket or in a test, has its scheme's
// default. Django's get_port.
func (s *Settings) Port(r *http.Request) string {
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
	if s.IsSecure(r) {
		return "443"
	}
	return "80"
}

// Scheme returns "https" or "http". Django's request.scheme.
func (s *Settings) Scheme(r *http.Request) string {
	if s.IsSecure(r) {
		return "https"
	}
	return "http"
}

// IsSecure reports whether the request was made over HTTPS, to this server or, by
// SecureProxySSLHeader, to its proxy. Django's is_secure.
func (s *Settings) IsSecure(r *http.Request) bool {
	value, found := Header(r, s.SecureProxySSLHeader[0])
	if !found {
		return r.TLS != nil
	}
	// Since Django 4.1 the first of several values counts, the one that the browser used.
	if v, _ := djversion.Parse(s.DjangoVersion); !v.Before(djversion.V4_1) {
		if first, _, several := strings.Cut(value, ","); several {
			value = strings.TrimSpace(first)
		}
	}
	return value == s.SecureProxySSLHeader[1]
}

// Header returns the request header that Django calls name, "HTTP_X_FORWARDED_PROTO" for
// instance, and whether there is one. Several are joined with commas, as WSGI servers
// join them.
func Header(r *http.Request, name string) (value string, ok bool) {
	values := r.Header[HeaderName(name)]
	return strings.Join(values, ","), len(values) > 0
}

// HeaderName returns the header that Django calls name: X-Forwarded-Proto for
// "HTTP_X_FORWARDED_PROTO". It is empty if name does not have that form: Django finds no
// header by "HTTP_x_forwarded_proto" or "HTTP_X-FORWARDED-PROTO" either.
func HeaderName(name string) string {
	header, ok := strings.CutPrefix(name, "HTTP_")
	if !ok || strings.ToUpper(name) != name || strings.Contains(name, "-") {
		return ""
	}
	return http.CanonicalHeaderKey(strings.ReplaceAll(header, "_", "-"))
}
