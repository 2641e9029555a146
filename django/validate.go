package django

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/djsession/djsession/internal/cookie"
	"github.com/djsession/djsession/internal/djversion"
	"github.com/djsession/djsession/internal/netloc"
	"github.com/djsession/djsession/internal/safeurl"
)

// Validate returns an error for the first setting that cannot be used: its Django name, and
// what to write instead. [New] calls it. It refuses what Django refuses, in its checks or
// when it uses the setting, and these mistakes, which Django accepts although they cannot
// work:
//
//   - a cookie age that is negative, or 0 for the session; a path that does not start with
//     "/"; a domain or path with a forbidden character; one name for both cookies
//   - SECURE_PROXY_SSL_HEADER in another form than "HTTP_X_FORWARDED_PROTO"; an empty
//     CSRF_HEADER_NAME
//   - ALLOWED_HOSTS and CSRF_TRUSTED_ORIGINS of which no entry can match; a negative
//     DATA_UPLOAD_MAX_NUMBER_FIELDS
//   - a LOGIN_URL or LOGIN_REDIRECT_URL that browsers read as another address
//
// A CSRF cookie that is set now, by time.Now, must end before the year 10000. auth.New
// checks what only logins need.
func (s *Settings) Validate() error {
	_, err := s.resolve()
	return err
}

// resolved is derived from the settings by validation.
type resolved struct {
	version  version
	format   Format
	location *time.Location // nil when TIME_ZONE is not set
}

func (s *Settings) resolve() (resolved, error) {
	var r resolved
	if err := cmp.Or(s.resolveFormat(&r), s.resolveTime(&r)); err != nil {
		return r, err
	}
	return r, cmp.Or(
		s.checkValues(),
		s.checkSerializer(r.version),
		checkCookie(r.version, "SESSION_COOKIE_", s.sessionCookie("")),
		s.checkLogins(),
		s.checkTrustedOrigins(r.version),
		s.checkCSRFCookie(r.version),
	)
}

func (s *Settings) resolveFormat(r *resolved) error {
	parsed, err := djversion.Parse(s.DjangoVersion)
	if err != nil {
		return settingError("DjangoVersion", err.Error())
	}
	// FormatPre31 alone means a site that still reads it.
	if s.DjangoVersion == "" && s.SessionFormat == FormatPre31 {
		parsed = djversion.V3_2
	}
	r.version = version{parsed}
	if slices.Contains(s.SecretKeyFallbacks, "") && r.version.readsFallbacks() {
		return settingError("SECRET_KEY_FALLBACKS", "must not hold an empty key")
	}
	r.format, err = r.version.writeFormat(s.SessionFormat)
	return err
}

func (s *Settings) resolveTime(r *resolved) error {
	if s.TimeZone == "" {
		if s.UseTZ != nil && !*s.UseTZ {
			return settingError("TIME_ZONE", "must be set when USE_TZ is False (Django's own default is America/Chicago)")
		}
		return nil
	}
	var err error
	if r.location, err = time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "Local" {
		return settingError("TIME_ZONE", fmt.Sprintf("%q is not in the time zone database of this machine", s.TimeZone))
	}
	return nil
}

// checkValues checks the settings that do not depend on the version of Django.
func (s *Settings) checkValues() error {
	proxy := s.SecureProxySSLHeader
	for _, check := range []struct {
		wrong         bool
		name, problem string
	}{
		{s.SecretKey == "", "SECRET_KEY", "must not be empty: set it to the SECRET_KEY of settings.py"},
		{s.MaxInflated < 0, "MaxInflated", "must not be negative"},
		{s.SessionEngine == "", "SESSION_ENGINE", "must not be empty; start from DefaultSettings"},
		{!slices.Contains([]string{jsonSerializer, "django.core.signing.JSONSerializer", pickleSerializer}, s.SessionSerializer),
			"SESSION_SERIALIZER", "only Django's JSONSerializer and PickleSerializer are supported"},
		{s.SessionStoreClass == "", "SessionStoreClass", `must not be empty; Django's own engines use "SessionStore"`},
		{s.SessionCookieAge <= 0, "SESSION_COOKIE_AGE",
			"must be a positive number of seconds; for a cookie that ends with the browser, set SESSION_EXPIRE_AT_BROWSER_CLOSE"},
		{len(s.AllowedHosts) > 0 && !slices.ContainsFunc(s.AllowedHosts, netloc.CanAllow), "ALLOWED_HOSTS",
			`holds nothing that a host can match: write names without scheme and port, such as "example.com", ".example.com" or "*"`},
		{proxy != [2]string{} && (!isHeader(proxy[0]) || proxy[1] == ""), "SECURE_PROXY_SSL_HEADER",
			`must be a header in Django's form and the value that means HTTPS, such as "HTTP_X_FORWARDED_PROTO" and "https"`},
		{s.CSRFHeaderName == "", "CSRF_HEADER_NAME", `must not be empty; Django's default is "HTTP_X_CSRFTOKEN"`},
		{s.DataUploadMaxNumberFields < 0, "DATA_UPLOAD_MAX_NUMBER_FIELDS", "must not be negative; 0 is Django's None, no limit"},
	} {
		if check.wrong {
			return settingError(check.name, check.problem)
		}
	}
	return nil
}

const (
	jsonSerializer   = "django.contrib.sessions.serializers.JSONSerializer"
	pickleSerializer = "django.contrib.sessions.serializers.PickleSerializer"
)

func (s *Settings) checkSerializer(v version) error {
	if s.SessionSerializer == pickleSerializer && !v.hasPickle() {
		return settingError("SESSION_SERIALIZER", fmt.Sprintf("must not be PickleSerializer: Django %s does not have it; set DjangoVersion to that of a site before 5.0", v))
	}
	return nil
}

// isHeader reports whether name is a request header in Django's form.
func isHeader(name string) bool {
	header, ok := strings.CutPrefix(name, "HTTP_")
	return ok && header != "" && strings.Trim(header, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_!#$%&'*+.^`|~") == ""
}

// checkCookie checks the attributes that c gets from settings with this prefix.
func checkCookie(v version, prefix string, c cookie.Cookie) error {
	if attribute, problem := c.Problem(); attribute != "" {
		return settingError(prefix+attribute, problem)
	}
	if strings.EqualFold(c.SameSite, string(SameSiteNone)) && v.Before(djversion.V3_1) {
		return settingError(prefix+"SAMESITE", fmt.Sprintf(`must be "Lax", "Strict" or empty for Django %s: "None" came with 3.1`, v))
	}
	return nil
}

func (s *Settings) checkLogins() error {
	for _, backend := range s.AuthenticationBackends {
		if !strings.Contains(backend, ".") {
			return settingError("AUTHENTICATION_BACKENDS", fmt.Sprintf(`must hold dotted paths, such as "django.contrib.auth.backends.ModelBackend", not %q`, backend))
		}
	}
	return cmp.Or(checkLoginURL("LOGIN_URL", s.LoginURL), checkLoginURL("LOGIN_REDIRECT_URL", s.LoginRedirectURL))
}

func checkLoginURL(name, url string) error {
	if _, err := safeurl.ToLogin(url, "/"); err != nil {
		return settingError(name, "cannot be used: "+err.Error())
	}
	return nil
}

func (s *Settings) checkCSRFCookie(v version) error {
	const last = 253402300799 // the end of the year 9999
	switch {
	case s.CSRFUseSessions:
		return nil // there is no cookie
	case s.CSRFCookieName == s.SessionCookieName:
		return settingError("CSRF_COOKIE_NAME", "must not be SESSION_COOKIE_NAME")
	case s.CSRFCookieAge < 0:
		return settingError("CSRF_COOKIE_AGE", "must be a positive number of seconds, or 0 for until the browser closes")
	case s.CSRFCookieAge > last-time.Now().Unix():
		return settingError("CSRF_COOKIE_AGE", "must be fewer seconds: the cookie would end after the year 9999, for which Django has no date")
	}
	return checkCookie(v, "CSRF_COOKIE_", cookie.Cookie{
		Name: s.CSRFCookieName, Domain: s.CSRFCookieDomain, Path: s.CSRFCookiePath, SameSite: string(s.CSRFCookieSameSite),
	})
}

// checkTrustedOrigins requires origins with a scheme, as Django's check does, or hosts
// before Django 4.0. An entry that matches nothing is an error if no other matches.
func (s *Settings) checkTrustedOrigins(v version) error {
	origins := !v.Before(djversion.V4_0)
	wanted := `hosts without a scheme before Django 4.0, such as "example.com"`
	if origins {
		wanted = `origins with a scheme since Django 4.0, such as "https://example.com"`
	}
	matches := func(o string) bool {
		u, _ := netloc.Split(o)
		if origins {
			return u.Scheme != "" && u.Netloc != ""
		}
		return o != "" && !strings.Contains(o, "://")
	}
	some := slices.ContainsFunc(s.CSRFTrustedOrigins, matches)
	for _, o := range s.CSRFTrustedOrigins {
		_, ok := netloc.Split(o)
		hasScheme := strings.Contains(o, "://")
		if origins && (!ok || !hasScheme) || hasScheme && !some {
			return settingError("CSRF_TRUSTED_ORIGINS", fmt.Sprintf("must hold %s, not %q", wanted, o))
		}
	}
	return nil
}

func settingError(name, problem string) error {
	return fmt.Errorf("django: setting %s %s", name, problem)
}
