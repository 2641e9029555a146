package csrf

import (
	"fmt"
	"strings"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/origin"
)

func settingError(name, problem string) error {
	return fmt.Errorf("csrf: setting %s %s", name, problem)
}

// checkSettings reports the first setting that cannot be used.
func checkSettings(s *django.Settings) error {
	if !isHeader(s.CSRFHeaderName) {
		return settingError("CSRF_HEADER_NAME", `must be a header in Django's form, such as "HTTP_X_CSRFTOKEN"`)
	}
	if proxy := s.SecureProxySSLHeader; proxy != [2]string{} && (!isHeader(proxy[0]) || proxy[1] == "") {
		return settingError("SECURE_PROXY_SSL_HEADER", `must be a header in Django's form, such as "HTTP_X_FORWARDED_PROTO", and a value`)
	}
	if s.CSRFUseSessions {
		return nil // there is no cookie
	}
	if attribute, problem := cookieOf(s, "").Problem(); attribute != "" {
		return settingError("CSRF_COOKIE_"+attribute, problem)
	}
	switch {
	case s.CSRFCookieName == s.SessionCookieName:
		return settingError("CSRF_COOKIE_NAME", "must not be SESSION_COOKIE_NAME")
	case s.CSRFCookieAge < 0:
		return settingError("CSRF_COOKIE_AGE", "must be a positive number of seconds, or 0 for until the browser closes")
	}
	return nil
}

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

func isHeader(name string) bool {
	return name == strings.ToUpper(name) && cookie.IsName(origin.HeaderName(name))
}

// trustedOrigins is what CSRF_TRUSTED_ORIGINS says.
type trustedOrigins struct {
	exact     map[string]bool
	wildcards []wildcard
	hosts     []string // of Referers, as patterns of origin.SameDomain
}

type wildcard struct{ scheme, pattern string }

// parseTrusted reads origins with their scheme, or, before Django 4.0, hosts.
func parseTrusted(origins []string, schemes bool) (t trustedOrigins, err error) {
	t.exact = map[string]bool{}
	for _, o := range origins {
		if !schemes {
			if strings.Contains(o, "://") {
				return t, settingError("CSRF_TRUSTED_ORIGINS", fmt.Sprintf("must hold hosts without a scheme before Django 4.0, not %q", o))
			}
			t.hosts = append(t.hosts, o)
			continue
		}
		scheme, netloc, ok := origin.Split(o)
		if !ok || scheme == "" || netloc == "" {
			return t, settingError("CSRF_TRUSTED_ORIGINS", fmt.Sprintf("must hold origins with a scheme since Django 4.0, such as \"https://example.com\", not %q", o))
		}
		pattern := strings.TrimLeft(netloc, "*")
		t.hosts = append(t.hosts, pattern)
		if strings.Contains(o, "*") {
			t.wildcards = append(t.wildcards, wildcard{scheme, pattern})
		} else {
			t.exact[o] = true
		}
	}
	return t, nil
}
