package csrf

import (
	"net/http"
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/netloc"
	"github.com/djsession/djsession/internal/origin"
)

// checkSource rejects a request that another site made the browser send.
func (p *Protection) checkSource(r *http.Request) error {
	if from, ok := origin.Header(r, "HTTP_ORIGIN"); ok && p.checksOrigin() {
		if p.isTrustedOrigin(r, from) {
			return nil
		}
		return rejection(ReasonBadOrigin, "Origin checking failed - "+netloc.Redact(from)+" does not match any trusted origins.")
	}
	// Over HTTP whoever can set the cookie can set the Referer, too.
	if !p.origin.IsSecure(r) {
		return nil
	}
	return p.checkReferer(r)
}

func (p *Protection) isTrustedOrigin(r *http.Request, from string) bool {
	if host, ok := p.origin.Host(r); ok && from == p.origin.Scheme(r)+"://"+host {
		return true
	}
	u, ok := netloc.Split(from)
	return slices.ContainsFunc(p.settings.CSRFTrustedOrigins, func(trusted string) bool {
		if !strings.Contains(trusted, "*") {
			return from == trusted
		}
		scheme, pattern := splitPattern(trusted)
		return ok && u.Scheme == scheme && netloc.SameDomain(u.Netloc, pattern)
	})
}

// splitPattern splits an entry of CSRF_TRUSTED_ORIGINS with a scheme.
func splitPattern(trusted string) (scheme, pattern string) {
	u, _ := netloc.Split(trusted)
	return u.Scheme, strings.TrimLeft(u.Netloc, "*")
}

func (p *Protection) checkReferer(r *http.Request) error {
	referer, ok := origin.Header(r, "HTTP_REFERER")
	if !ok {
		return rejection(ReasonNoReferer, "Referer checking failed - no Referer.")
	}
	u, ok := netloc.Split(referer)
	switch {
	case !ok || u.Scheme == "" || u.Netloc == "":
		return rejection(ReasonMalformedReferer, "Referer checking failed - Referer is malformed.")
	case u.Scheme != "https":
		return rejection(ReasonInsecureReferer, "Referer checking failed - Referer is insecure while host is secure.")
	case !p.isTrustedReferer(r, u.Netloc):
		return rejection(ReasonBadReferer, "Referer checking failed - "+netloc.Redact(referer)+" does not match any trusted origins.")
	}
	return nil
}

// isTrustedReferer reports whether a Referer's location is trusted, this request's host,
// or in the domain of the cookie.
func (p *Protection) isTrustedReferer(r *http.Request, location string) bool {
	for _, trusted := range p.settings.CSRFTrustedOrigins {
		if p.checksOrigin() { // before, the entries have no scheme
			_, trusted = splitPattern(trusted)
		}
		if netloc.SameDomain(location, trusted) {
			return true
		}
	}
	domain := p.settings.CSRFCookieDomain
	if p.settings.CSRFUseSessions {
		domain = p.settings.SessionCookieDomain
	}
	if domain == "" {
		host, ok := p.origin.Host(r)
		return ok && netloc.SameDomain(location, host)
	}
	if port := p.origin.Port(r); port != "443" && port != "80" {
		domain += ":" + port
	}
	return netloc.SameDomain(location, domain)
}
