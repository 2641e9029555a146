package main

import "github.com/djsession/djsession/django"

// siteSpec is a Django site: its settings, and where its sessions are stored.
type siteSpec struct {
	Engine       string `json:"engine"`
	Database     string `json:"database"`
	Table        string `json:"table"`
	CacheDir     string `json:"cache_dir"`     // of a FileBasedCache
	ExtraColumns bool   `json:"extra_columns"` // the session model has columns of its own: ask for their values
	StoreClass   string `json:"store_class"`
	Version      string `json:"version"`

	SecretKey    []byte   `json:"SECRET_KEY"`
	Fallbacks    [][]byte `json:"SECRET_KEY_FALLBACKS"`
	UseTZ        bool     `json:"USE_TZ"`
	TimeZone     string   `json:"TIME_ZONE"`
	Serializer   string   `json:"SESSION_SERIALIZER"`
	CacheAlias   string   `json:"SESSION_CACHE_ALIAS"`
	FilePath     string   `json:"SESSION_FILE_PATH"`
	CookieName   string   `json:"SESSION_COOKIE_NAME"`
	CookieAge    int64    `json:"SESSION_COOKIE_AGE"`
	CookieDomain string   `json:"SESSION_COOKIE_DOMAIN"`
	CookiePath   string   `json:"SESSION_COOKIE_PATH"`
	Secure       bool     `json:"SESSION_COOKIE_SECURE"`
	HTTPOnly     bool     `json:"SESSION_COOKIE_HTTPONLY"`
	SameSite     string   `json:"SESSION_COOKIE_SAMESITE"`
	EveryRequest bool     `json:"SESSION_SAVE_EVERY_REQUEST"`
	BrowserClose bool     `json:"SESSION_EXPIRE_AT_BROWSER_CLOSE"`

	formSettings
}

func (spec *siteSpec) settings() django.Settings {
	s := django.DefaultSettings()
	s.SecretKey = string(spec.SecretKey)
	for _, k := range spec.Fallbacks {
		s.SecretKeyFallbacks = append(s.SecretKeyFallbacks, string(k))
	}
	s.DjangoVersion = spec.Version
	s.SessionStoreClass = spec.StoreClass
	s.UseTZ, s.TimeZone = &spec.UseTZ, spec.TimeZone
	if spec.Engine != "" {
		s.SessionEngine = spec.Engine
	}
	s.SessionSerializer = spec.Serializer
	s.SessionCacheAlias, s.SessionFilePath = spec.CacheAlias, spec.FilePath
	s.SessionCookieName = spec.CookieName
	s.SessionCookieAge = spec.CookieAge
	s.SessionCookieDomain, s.SessionCookiePath = spec.CookieDomain, spec.CookiePath
	s.SessionCookieSecure, s.SessionCookieHTTPOnly = spec.Secure, spec.HTTPOnly
	s.SessionCookieSameSite = django.SameSite(spec.SameSite)
	s.SessionSaveEveryRequest, s.SessionExpireAtBrowserClose = spec.EveryRequest, spec.BrowserClose
	if spec.AllowedHosts != nil {
		spec.formSettings.apply(&s)
	}
	return s
}

// formSettings are the settings of hosts, CSRF, passwords and logins. Where the tests
// are about none of these, AllowedHosts is nil.
type formSettings struct {
	AllowedHosts    []string `json:"ALLOWED_HOSTS"`
	ForwardedHost   bool     `json:"USE_X_FORWARDED_HOST"`
	ForwardedPort   bool     `json:"USE_X_FORWARDED_PORT"`
	Proxy           []string `json:"SECURE_PROXY_SSL_HEADER"`
	Backends        []string `json:"AUTHENTICATION_BACKENDS"`
	Hashers         []string `json:"PASSWORD_HASHERS"`
	LoginURL        string   `json:"LOGIN_URL"`
	LoginRedirect   string   `json:"LOGIN_REDIRECT_URL"`
	UseSessions     bool     `json:"CSRF_USE_SESSIONS"`
	CSRFName        string   `json:"CSRF_COOKIE_NAME"`
	CSRFAge         *int64   `json:"CSRF_COOKIE_AGE"`
	CSRFDomain      string   `json:"CSRF_COOKIE_DOMAIN"`
	CSRFPath        string   `json:"CSRF_COOKIE_PATH"`
	CSRFSecure      bool     `json:"CSRF_COOKIE_SECURE"`
	CSRFHTTPOnly    bool     `json:"CSRF_COOKIE_HTTPONLY"`
	CSRFSameSite    string   `json:"CSRF_COOKIE_SAMESITE"`
	CSRFHeader      string   `json:"CSRF_HEADER_NAME"`
	CSRFTrusted     []string `json:"CSRF_TRUSTED_ORIGINS"`
	CSRFMasksCookie bool     `json:"CSRF_COOKIE_MASKED"`
}

func (m *formSettings) apply(s *django.Settings) {
	s.AllowedHosts = append([]string{}, m.AllowedHosts...)
	s.UseXForwardedHost, s.UseXForwardedPort = m.ForwardedHost, m.ForwardedPort
	copy(s.SecureProxySSLHeader[:], m.Proxy)
	s.AuthenticationBackends, s.PasswordHashers = m.Backends, m.Hashers
	s.LoginURL, s.LoginRedirectURL = m.LoginURL, m.LoginRedirect
	s.CSRFUseSessions, s.CSRFCookieName = m.UseSessions, m.CSRFName
	s.CSRFCookieAge = 0
	if m.CSRFAge != nil {
		s.CSRFCookieAge = *m.CSRFAge
	}
	s.CSRFCookieDomain, s.CSRFCookiePath = m.CSRFDomain, m.CSRFPath
	s.CSRFCookieSecure, s.CSRFCookieHTTPOnly = m.CSRFSecure, m.CSRFHTTPOnly
	s.CSRFCookieSameSite, s.CSRFHeaderName = django.SameSite(m.CSRFSameSite), m.CSRFHeader
	s.CSRFTrustedOrigins, s.CSRFCookieMasked = m.CSRFTrusted, m.CSRFMasksCookie
}
