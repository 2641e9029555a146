package csrf

import (
	"net/http"
	"slices"

	"github.com/djsession/djsession/internal/netloc"
	"github.com/djsession/djsession/internal/origin"
)

// checkSource refuses a request that another site had the browser send.
func (p *Protection) checkSource(r *http.Request) error {
	if p.checksOrigin() {
		if from, ok := origin.Header(r, "HTTP_ORIGIN"); ok {
			if p.isTrustedOrigin(r, from) {
				return nil
			}
			return refusal(ReasonBadOrigin, "Origin checking failed - "+netloc.Redact(from)+" does not match any trusted origins.")
		}
	}
	// Over plain HTTP a Referer would prove nothing: whoever can set the cookie
	// there can set that, too.
	if !p.origin.IsSecure(r) {
		return nil
	}
	return p.checkReferer(r)
}

func (p *Protection) isTrustedOrigin(r *http.Request, from string) bool {
	host, ok := p.origin.Host(r)
	if ok && from == p.origin.Scheme(r)+"://"+host {
		return true
	}
	if p.trusted.exact[from] {
		return true
	}
	u, ok := netloc.Split(from)
	return ok && slices.ContainsFunc(p.trusted.wildcards, func(w wildcard) bool {
		return w.scheme == u.Scheme && netloc.SameDomain(u.Netloc, w.pattern)
	})
}

func (p *Protection) checkReferer(r *http.Request) error {
	referer, ok := origin.Header(r, "HTTP_REFERER")
	if !ok {
		return refusal(ReasonNoReferer, "Referer checking failed - no Referer.")
	}
	u, ok := netloc.Split(referer)
	if !ok || u.Scheme == "" || u.Netloc == "" {
		return refusal(ReasonMalformedReferer, "Referer checking failed - Referer is malformed.")
	}
	if u.Scheme != "https" {
		return refusal(ReasonInsecureReferer, "Referer checking failed - Referer is insecure while host is secure.")
	}
	if p.isGoodReferer(r, u.Netloc) {
		return nil
	}
	return refusal(ReasonBadReferer, "Referer checking failed - "+netloc.Redact(referer)+" does not match any trusted origins.")
}

// isGoodReferer reports whether a Referer's host is trusted, is this request's,
// or is in the domain that gets the cookie.
func (p *Protection) isGoodReferer(r *http.Request, location string) bool {
	if slices.ContainsFunc(p.trusted.hosts, func(host string) bool { return netloc.SameDomain(location, host) }) {
		return true
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
