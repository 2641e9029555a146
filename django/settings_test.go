package django_test

import (
	"math"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

func TestSettingsAreRefusedByName(t *testing.T) {
	tests := []struct {
		names  string
		change func(*django.Settings)
	}{
		{"SECRET_KEY", func(s *django.Settings) { s.SecretKey = "" }},
		{"SECRET_KEY_FALLBACKS", func(s *django.Settings) { s.SecretKeyFallbacks = []string{"old", ""} }},
		{"SECRET_KEY_FALLBACKS", func(s *django.Settings) { s.SecretKeyFallbacks, s.DjangoVersion = []string{""}, "4.1" }},
		{"DjangoVersion", func(s *django.Settings) { s.DjangoVersion = "five" }},
		{"DjangoVersion", func(s *django.Settings) { s.DjangoVersion = "5" }},
		{"DjangoVersion", func(s *django.Settings) { s.DjangoVersion = "5." }},
		{"DjangoVersion", func(s *django.Settings) { s.DjangoVersion = "2.1.15" }},
		{"DjangoVersion", func(s *django.Settings) { s.DjangoVersion = "1.11" }},
		{"DjangoVersion", func(s *django.Settings) { s.DjangoVersion = "-5.2" }},
		{"SessionFormat", func(s *django.Settings) { s.SessionFormat = 99 }},
		{"SessionFormat", func(s *django.Settings) { s.SessionFormat, s.DjangoVersion = django.FormatModern, "2.2" }},
		{"SessionFormat", func(s *django.Settings) { s.SessionFormat, s.DjangoVersion = django.FormatModern, "3.0" }},
		{"SessionFormat", func(s *django.Settings) { s.SessionFormat, s.DjangoVersion = django.FormatPre31, "4.0" }},
		{"SessionFormat", func(s *django.Settings) { s.SessionFormat, s.DjangoVersion = django.FormatPre31, "6.1" }},
		{"TIME_ZONE", func(s *django.Settings) { s.TimeZone = "America/Springfield" }},
		{"TIME_ZONE", func(s *django.Settings) { s.TimeZone = "Local" }},
		{"TIME_ZONE", func(s *django.Settings) { s.TimeZone = "../../etc/passwd" }},
		{"TIME_ZONE", func(s *django.Settings) { s.UseTZ = new(false) }},
		{"SESSION_ENGINE", func(s *django.Settings) { s.SessionEngine = "" }},
		{"SESSION_SERIALIZER", func(s *django.Settings) { s.SessionSerializer = "" }},
		{"SESSION_SERIALIZER", func(s *django.Settings) {
			s.SessionSerializer = "django.contrib.sessions.serializers.PickleSerializer"
		}},
		{"SessionStoreClass", func(s *django.Settings) { s.SessionStoreClass = "" }},
		{"SESSION_COOKIE_NAME", func(s *django.Settings) { s.SessionCookieName = "" }},
		{"SESSION_COOKIE_NAME", func(s *django.Settings) { s.SessionCookieName = "session id" }},
		{"SESSION_COOKIE_NAME", func(s *django.Settings) { s.SessionCookieName = "a;b" }},
		{"SESSION_COOKIE_NAME", func(s *django.Settings) { s.SessionCookieName = "a\r\nX: y" }},
		{"SESSION_COOKIE_NAME", func(s *django.Settings) { s.SessionCookieName = "é" }},
		{"SESSION_COOKIE_NAME", func(s *django.Settings) { s.SessionCookieName = "a,b" }},
		{"SESSION_COOKIE_NAME", func(s *django.Settings) { s.SessionCookieName = "a=b" }},
		{"SESSION_COOKIE_NAME", func(s *django.Settings) { s.SessionCookieName = "Path" }},
		{"SESSION_COOKIE_NAME", func(s *django.Settings) { s.SessionCookieName = "samesite" }},
		{"CSRF_COOKIE_NAME", func(s *django.Settings) { s.CSRFCookieName = "max-age" }},
		{"SESSION_COOKIE_AGE", func(s *django.Settings) { s.SessionCookieAge = 0 }},
		{"SESSION_COOKIE_AGE", func(s *django.Settings) { s.SessionCookieAge = -1 }},
		{"SESSION_COOKIE_AGE", func(s *django.Settings) { s.SessionCookieAge = math.MinInt64 }},
		{"SESSION_COOKIE_DOMAIN", func(s *django.Settings) { s.SessionCookieDomain = "a;b" }},
		{"SESSION_COOKIE_DOMAIN", func(s *django.Settings) { s.SessionCookieDomain = "a\nb" }},
		{"SESSION_COOKIE_PATH", func(s *django.Settings) { s.SessionCookiePath = "shop" }},
		{"SESSION_COOKIE_PATH", func(s *django.Settings) { s.SessionCookiePath = "/;x" }},
		{"SESSION_COOKIE_PATH", func(s *django.Settings) { s.SessionCookiePath = "/\r" }},
		{"SESSION_COOKIE_SAMESITE", func(s *django.Settings) { s.SessionCookieSameSite = "lax " }},
		{"SESSION_COOKIE_SAMESITE", func(s *django.Settings) { s.DjangoVersion, s.SessionCookieSameSite = "3.0", "none" }},
		{"SESSION_COOKIE_SAMESITE", func(s *django.Settings) { s.SessionCookieSameSite = "False" }},
		{"CSRF_COOKIE_NAME", func(s *django.Settings) { s.CSRFCookieName = "" }},
		{"CSRF_COOKIE_NAME", func(s *django.Settings) { s.CSRFCookieName = "a b" }},
		{"CSRF_COOKIE_NAME", func(s *django.Settings) { s.CSRFCookieName = "sessionid" }},
		{"CSRF_COOKIE_AGE", func(s *django.Settings) { s.CSRFCookieAge = -1 }},
		{"CSRF_COOKIE_DOMAIN", func(s *django.Settings) { s.CSRFCookieDomain = "a;b" }},
		{"CSRF_COOKIE_PATH", func(s *django.Settings) { s.CSRFCookiePath = "shop" }},
		{"CSRF_COOKIE_PATH", func(s *django.Settings) { s.CSRFCookiePath = "/a\nb" }},
		{"CSRF_COOKIE_SAMESITE", func(s *django.Settings) { s.CSRFCookieSameSite = "loose" }},
		{"CSRF_HEADER_NAME", func(s *django.Settings) { s.CSRFHeaderName = "" }},
		{"CSRF_HEADER_NAME", func(s *django.Settings) { s.CSRFUseSessions, s.CSRFHeaderName = true, "" }},
		{"SECURE_PROXY_SSL_HEADER", func(s *django.Settings) { s.SecureProxySSLHeader = [2]string{"X-Forwarded-Proto", "https"} }},
		{"SECURE_PROXY_SSL_HEADER", func(s *django.Settings) { s.SecureProxySSLHeader = [2]string{"HTTP_X_FORWARDED_PROTO", ""} }},
		{"SECURE_PROXY_SSL_HEADER", func(s *django.Settings) { s.SecureProxySSLHeader = [2]string{"", "https"} }},
		{"CSRF_TRUSTED_ORIGINS", func(s *django.Settings) { s.CSRFTrustedOrigins = []string{"example.com"} }},
		{"CSRF_TRUSTED_ORIGINS", func(s *django.Settings) { s.CSRFTrustedOrigins = []string{"https://"} }},
		{"CSRF_TRUSTED_ORIGINS", func(s *django.Settings) { s.CSRFTrustedOrigins = []string{"https://[::1"} }},
		{"CSRF_TRUSTED_ORIGINS", func(s *django.Settings) {
			s.DjangoVersion, s.CSRFTrustedOrigins = "4.0", []string{".example.com"}
		}},
		{"CSRF_TRUSTED_ORIGINS", func(s *django.Settings) {
			s.DjangoVersion, s.CSRFTrustedOrigins = "3.2", []string{"https://example.com"}
		}},
		{"CSRF_COOKIE_AGE", func(s *django.Settings) { s.CSRFCookieAge = 253402300800 }},
		{"CSRF_COOKIE_AGE", func(s *django.Settings) { s.CSRFCookieAge = 252000000000 }},
		{"CSRF_COOKIE_AGE", func(s *django.Settings) { s.CSRFCookieAge = math.MaxInt64 }},
		{"CSRF_COOKIE_SAMESITE", func(s *django.Settings) {
			s.DjangoVersion, s.CSRFCookieSameSite = "3.0", django.SameSiteNone
		}},
		{"SESSION_COOKIE_SAMESITE", func(s *django.Settings) {
			s.DjangoVersion, s.SessionCookieSameSite = "2.2", django.SameSiteNone
		}},
		{"CSRF_TRUSTED_ORIGINS", func(s *django.Settings) { s.CSRFTrustedOrigins = []string{"https://a.example", ""} }},
		{"DATA_UPLOAD_MAX_NUMBER_FIELDS", func(s *django.Settings) { s.DataUploadMaxNumberFields = -1 }},
		{"CSRF_TRUSTED_ORIGINS", func(s *django.Settings) { s.CSRFTrustedOrigins = []string{"://example.com"} }},
		{"CSRF_TRUSTED_ORIGINS", func(s *django.Settings) { s.CSRFTrustedOrigins = []string{"https://a.example", "https://[::1"} }},
		{"CSRF_TRUSTED_ORIGINS", func(s *django.Settings) { s.CSRFTrustedOrigins = []string{"https://a.example", "b.example"} }},
		{"CSRF_TRUSTED_ORIGINS", func(s *django.Settings) {
			s.DjangoVersion, s.CSRFTrustedOrigins = "2.2", []string{"", "https://a.example", "http://b.example"}
		}},
		{"SECURE_PROXY_SSL_HEADER", func(s *django.Settings) { s.SecureProxySSLHeader[0] = "HTTP_X_FORWARDED_PROTO" }},
		{"SECURE_PROXY_SSL_HEADER", func(s *django.Settings) { s.SecureProxySSLHeader = [2]string{"X_FORWARDED_PROTO", "https"} }},
		{"SECURE_PROXY_SSL_HEADER", func(s *django.Settings) { s.SecureProxySSLHeader = [2]string{"HTTP_x_forwarded_proto", "https"} }},
		{"SECURE_PROXY_SSL_HEADER", func(s *django.Settings) { s.SecureProxySSLHeader = [2]string{"HTTPS", "on"} }},
		{"ALLOWED_HOSTS", func(s *django.Settings) { s.AllowedHosts = []string{"https://example.com"} }},
		{"ALLOWED_HOSTS", func(s *django.Settings) { s.AllowedHosts = []string{"example.com:8000", ""} }},
		{"AUTHENTICATION_BACKENDS", func(s *django.Settings) { s.AuthenticationBackends = []string{"ModelBackend"} }},
		{"AUTHENTICATION_BACKENDS", func(s *django.Settings) { s.AuthenticationBackends = append(s.AuthenticationBackends, "") }},
		{"LOGIN_URL", func(s *django.Settings) { s.LoginURL = "" }},
		{"LOGIN_URL", func(s *django.Settings) { s.LoginURL = "login" }},
		{"LOGIN_URL", func(s *django.Settings) { s.LoginURL = "https:///login" }},
		{"LOGIN_REDIRECT_URL", func(s *django.Settings) { s.LoginRedirectURL = "home" }},
	}
	for _, tt := range tests {
		settings := testSettings()
		tt.change(&settings)
		err := settings.Validate()
		if err == nil || !strings.Contains(err.Error(), "setting "+tt.names+" ") {
			t.Errorf("%+v: the error is %v, want one that names %s", settings, err, tt.names)
			continue
		}
		if strings.Contains(err.Error(), secretKey) {
			t.Errorf("the error holds the secret: %v", err)
		}
		if _, errNew := django.New(settings, noStore); errNew == nil || errNew.Error() != err.Error() {
			t.Errorf("New says %v, Validate %v", errNew, err)
		}
		if _, errCodec := django.NewCodec(settings, nil); errCodec == nil || errCodec.Error() != err.Error() {
			t.Errorf("NewCodec says %v, Validate %v", errCodec, err)
		}
	}
}

func TestZeroSettingsAreRefused(t *testing.T) {
	if _, err := django.New(django.Settings{}, noStore); err == nil {
		t.Error("zero settings were taken")
	}
	if _, err := django.New(django.DefaultSettings(), noStore); err == nil || !strings.Contains(err.Error(), "SECRET_KEY") {
		t.Errorf("the defaults without a secret: %v", err)
	}
	if _, err := django.New(testSettings(), nil); err == nil {
		t.Error("no engine was taken")
	}
}

// The defaults are those of Django's global_settings.py.
func TestDefaultSettings(t *testing.T) {
	s := django.DefaultSettings()
	check(t, "SESSION_COOKIE_NAME", s.SessionCookieName, "sessionid")
	check(t, "SESSION_COOKIE_AGE", s.SessionCookieAge, 60*60*24*7*2)
	check(t, "SESSION_COOKIE_DOMAIN", s.SessionCookieDomain, "")
	check(t, "SESSION_COOKIE_SECURE", s.SessionCookieSecure, false)
	check(t, "SESSION_COOKIE_PATH", s.SessionCookiePath, "/")
	check(t, "SESSION_COOKIE_HTTPONLY", s.SessionCookieHTTPOnly, true)
	check(t, "SESSION_COOKIE_SAMESITE", s.SessionCookieSameSite, "Lax")
	check(t, "SESSION_SAVE_EVERY_REQUEST", s.SessionSaveEveryRequest, false)
	check(t, "SESSION_EXPIRE_AT_BROWSER_CLOSE", s.SessionExpireAtBrowserClose, false)
	check(t, "SESSION_ENGINE", s.SessionEngine, "django.contrib.sessions.backends.db")
	check(t, "SESSION_FILE_PATH", s.SessionFilePath, "")
	check(t, "SESSION_CACHE_ALIAS", s.SessionCacheAlias, "default")
	check(t, "DATA_UPLOAD_MAX_NUMBER_FIELDS", s.DataUploadMaxNumberFields, 1000)
	check(t, "SESSION_SERIALIZER", s.SessionSerializer, "django.contrib.sessions.serializers.JSONSerializer")
	if s.SecretKey != "" || len(s.SecretKeyFallbacks) != 0 || s.UseTZ != nil || s.TimeZone != "" {
		t.Errorf("something was said that a site must say: %+v", s)
	}
}

func TestGoodSettings(t *testing.T) {
	for name, change := range map[string]func(*django.Settings){
		"defaults":           func(*django.Settings) {},
		"patch release":      func(s *django.Settings) { s.DjangoVersion = "5.2.18" },
		"2.2":                func(s *django.Settings) { s.DjangoVersion = "2.2" },
		"3.0 pre-3.1":        func(s *django.Settings) { s.DjangoVersion, s.SessionFormat = "3.0", django.FormatPre31 },
		"3.2 pre-3.1":        func(s *django.Settings) { s.DjangoVersion, s.SessionFormat = "3.2", django.FormatPre31 },
		"pre-3.1 alone":      func(s *django.Settings) { s.SessionFormat = django.FormatPre31 },
		"3.1 modern":         func(s *django.Settings) { s.DjangoVersion, s.SessionFormat = "3.1", django.FormatModern },
		"fallbacks":          func(s *django.Settings) { s.DjangoVersion, s.SecretKeyFallbacks = "4.1", []string{"a", "b"} },
		"engine of own":      func(s *django.Settings) { s.SessionEngine = "shop.sessions" },
		"core serializer":    func(s *django.Settings) { s.SessionSerializer = "django.core.signing.JSONSerializer" },
		"USE_TZ not said":    func(s *django.Settings) { s.UseTZ = nil },
		"no samesite":        func(s *django.Settings) { s.SessionCookieSameSite = django.SameSiteUnset },
		"CSRF age":           func(s *django.Settings) { s.CSRFCookieAge = 9999999999 },
		"CSRF until close":   func(s *django.Settings) { s.CSRFCookieAge = 0 },
		"CSRF domain":        func(s *django.Settings) { s.CSRFCookieDomain = "dev_host.example" },
		"CSRF SameSite None": func(s *django.Settings) { s.CSRFCookieSameSite = django.SameSiteNone },
		"CSRF no SameSite":   func(s *django.Settings) { s.CSRFCookieSameSite = django.SameSiteUnset },
		"CSRF in sessions":   func(s *django.Settings) { s.CSRFUseSessions, s.CSRFCookieName, s.CSRFCookiePath = true, "", "" },
		"proxy":              func(s *django.Settings) { s.SecureProxySSLHeader = [2]string{"HTTP_X_FORWARDED_PROTO", "https"} },
		"wildcard origin":    func(s *django.Settings) { s.CSRFTrustedOrigins = []string{"https://*.example.com"} },
		"hosts before 4.0":   func(s *django.Settings) { s.DjangoVersion, s.CSRFTrustedOrigins = "3.2", []string{".example.com"} },
		"a host with a scheme": func(s *django.Settings) {
			s.DjangoVersion, s.CSRFTrustedOrigins = "3.2", []string{"https://example.com", "example.com"}
		},
		"an empty host before 4.0": func(s *django.Settings) { s.DjangoVersion, s.CSRFTrustedOrigins = "3.2", []string{""} },
		"an origin without a host": func(s *django.Settings) { s.CSRFTrustedOrigins = []string{"https://", "https://example.com"} },
		"fallbacks before 4.1":     func(s *django.Settings) { s.DjangoVersion, s.SecretKeyFallbacks = "4.0", []string{"a", ""} },
		"cookie name with a colon": func(s *django.Settings) { s.SessionCookieName, s.CSRFCookieName = "shop:sessionid", "!#$%&'*+-.^_`|~:" },
		"samesite in lower case":   func(s *django.Settings) { s.SessionCookieSameSite, s.CSRFCookieSameSite = "lax", "NONE" },
		"no cookie path":           func(s *django.Settings) { s.SessionCookiePath, s.CSRFCookiePath = "", "" },
		"header as it is sent":     func(s *django.Settings) { s.CSRFHeaderName = "X-XSRF-TOKEN" },
		"header of no request":     func(s *django.Settings) { s.CSRFHeaderName = "HTTP_X-CSRFToken" },
		"header without HTTP_":     func(s *django.Settings) { s.CSRFHeaderName = "CONTENT_TYPE" },
		"CSRF age of 7,000 years":  func(s *django.Settings) { s.CSRFCookieAge = 220000000000 },
		"proxy with any header":    func(s *django.Settings) { s.SecureProxySSLHeader = [2]string{"HTTP_VERSION", "2"} },
		"no hosts":                 func(s *django.Settings) { s.AllowedHosts = []string{} },
		"a useless host":           func(s *django.Settings) { s.AllowedHosts = []string{"https://example.com", "example.com"} },
		"no backends":              func(s *django.Settings) { s.AuthenticationBackends = nil },
		"masked anywhere":          func(s *django.Settings) { s.CSRFCookieMasked = true },
		"origin with a path":       func(s *django.Settings) { s.CSRFTrustedOrigins = []string{"https://example.com/a"} },
		"insecure SameSite None":   func(s *django.Settings) { s.SessionCookieSameSite = django.SameSiteNone },
		"login at another host":    func(s *django.Settings) { s.LoginURL = "https://sso.example/login?a=b" },
	} {
		settings := testSettings()
		change(&settings)
		if err := settings.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Settings are copied both ways.
func TestSettingsAreCopied(t *testing.T) {
	settings := testSettings()
	settings.SecretKeyFallbacks = []string{"old"}
	ss, err := django.New(settings, noStore)
	must(t, err)
	settings.SecretKeyFallbacks[0], *settings.UseTZ = "changed", false
	for range 2 {
		got := ss.Settings()
		check(t, "the fallback", got.SecretKeyFallbacks[0], "old")
		check(t, "USE_TZ", *got.UseTZ, true)
		got.SecretKeyFallbacks[0], *got.UseTZ = "changed", false
		got = ss.Codec().Settings()
		got.SecretKeyFallbacks[0] = "changed"
	}
}
