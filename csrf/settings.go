package csrf

import (
	"strings"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/netloc"
)

// cookieOf is the cookie that holds the secret.
func cookieOf(s *django.Settings, value string) cookie.Cookie {
	return cookie.Cookie{
		Name:       s.CSRFCookieName,
		Value:      value,
		Domain:     s.CSRFCookieDomain,
		Path:       s.CSRFCookiePath,
		SameSite:   string(s.CSRFCookieSameSite),
		Secure:     s.CSRFCookieSecure,
		HTTPOnly:   s.CSRFCookieHTTPOnly,
		Age:        s.CSRFCookieAge,
		UntilClose: s.CSRFCookieAge == 0,
	}
}

// trustedOrigins is what CSRF_TRUSTED_ORIGINS says.
type trustedOrigins struct {
	exact     map[string]bool
	wildcards []wildcard
	hosts     []string // of Referers, as patterns of netloc.SameDomain
}

type wildcard struct{ scheme, pattern string }

// parseTrusted reads origins with their scheme, or, before Django 4.0, hosts.
func parseTrusted(origins []string, schemes bool) trustedOrigins {
	if !schemes {
		return trustedOrigins{hosts: origins}
	}
	t := trustedOrigins{exact: map[string]bool{}}
	for _, o := range origins {
		u, _ := netloc.Split(o)
		pattern := strings.TrimLeft(u.Netloc, "*")
		t.hosts = append(t.hosts, pattern)
		if strings.Contains(o, "*") {
			t.wildcards = append(t.wildcards, wildcard{u.Scheme, pattern})
		} else {
			t.exact[o] = true
		}
	}
	return t
}
