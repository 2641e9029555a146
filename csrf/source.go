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
	return slices.ContainsFunc(p.trusted, func(t trustedOrigin) bool {
		if !strings.Contains(t.text, "*") {
			return from == t.text
		}
		return ok && u.Scheme == t.scheme && netloc.SameDomain(u.Netloc, t.domain)
	})
}

// trustedOrigin is an entry of CSRF_TRUSTED_ORIGINS.
type trustedOrigin struct{ text, scheme, domain string }

// trustedOrigins splits the entries, which have no scheme before Django 4.0.
func (p *Protection) trustedOrigins() []trustedOrigin {
	list := make([]trustedOrigin, 0, len(p.settings.CSRFTrustedOrigins))
	for _, text := range p.settings.CSRFTrustedOrigins {
		t := trustedOrigin{text: text, domain: text}
		if p.checksOrigin() {
			u, _ := netloc.Split(text)
			t.scheme, t.domain = u.Scheme, strings.TrimLeft(u.Netloc, "*")
		}
		list = append(list, t)
	}
	return list
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
	if slices.ContainsFunc(p.trusted, func(t trustedOrigin) bool { return netloc.SameDomain(location, t.domain) }) {
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
