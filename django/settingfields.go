package django

import "strings"

// settingField is a setting that a file and the environment can hold.
type settingField struct {
	name string
	at   func(*Settings) any // a pointer
}

// variable returns the environment variable of the setting.
func (f settingField) variable() string { return "DJANGO_" + strings.TrimPrefix(f.name, "DJANGO_") }

var settingFields = []settingField{
	{"DJANGO_VERSION", func(s *Settings) any { return &s.DjangoVersion }},
	{"SECRET_KEY", func(s *Settings) any { return &s.SecretKey }},
	{"SECRET_KEY_FALLBACKS", func(s *Settings) any { return &s.SecretKeyFallbacks }},
	{"SESSION_FORMAT", func(s *Settings) any { return &s.SessionFormat }},
	{"READ_OLDER_FORMATS", func(s *Settings) any { return &s.ReadOlderFormats }},
	{"MAX_INFLATED", func(s *Settings) any { return &s.MaxInflated }},
	{"USE_TZ", func(s *Settings) any { return &s.UseTZ }},
	{"TIME_ZONE", func(s *Settings) any { return &s.TimeZone }},
	{"SESSION_ENGINE", func(s *Settings) any { return (*engineName)(&s.SessionEngine) }},
	{"SESSION_ENGINE_BASE", func(s *Settings) any { return &s.SessionEngineBase }},
	{"SESSION_STORE_CLASS", func(s *Settings) any { return &s.SessionStoreClass }},
	{"SESSION_SERIALIZER", func(s *Settings) any { return (*serializerName)(&s.SessionSerializer) }},
	{"SESSION_CACHE_ALIAS", func(s *Settings) any { return &s.SessionCacheAlias }},
	{"SESSION_FILE_PATH", func(s *Settings) any { return &s.SessionFilePath }},
	{"SESSION_COOKIE_NAME", func(s *Settings) any { return &s.SessionCookieName }},
	{"SESSION_COOKIE_AGE", func(s *Settings) any { return &s.SessionCookieAge }},
	{"SESSION_COOKIE_DOMAIN", func(s *Settings) any { return &s.SessionCookieDomain }},
	{"SESSION_COOKIE_PATH", func(s *Settings) any { return &s.SessionCookiePath }},
	{"SESSION_COOKIE_SECURE", func(s *Settings) any { return &s.SessionCookieSecure }},
	{"SESSION_COOKIE_HTTPONLY", func(s *Settings) any { return &s.SessionCookieHTTPOnly }},
	{"SESSION_COOKIE_SAMESITE", func(s *Settings) any { return (*string)(&s.SessionCookieSameSite) }},
	{"SESSION_SAVE_EVERY_REQUEST", func(s *Settings) any { return &s.SessionSaveEveryRequest }},
	{"SESSION_EXPIRE_AT_BROWSER_CLOSE", func(s *Settings) any { return &s.SessionExpireAtBrowserClose }},
	{"ALLOWED_HOSTS", func(s *Settings) any { return (*nameList)(&s.AllowedHosts) }},
	{"USE_X_FORWARDED_HOST", func(s *Settings) any { return &s.UseXForwardedHost }},
	{"USE_X_FORWARDED_PORT", func(s *Settings) any { return &s.UseXForwardedPort }},
	{"SECURE_PROXY_SSL_HEADER", func(s *Settings) any { return &s.SecureProxySSLHeader }},
	{"AUTHENTICATION_BACKENDS", func(s *Settings) any { return (*nameList)(&s.AuthenticationBackends) }},
	{"PASSWORD_HASHERS", func(s *Settings) any { return (*nameList)(&s.PasswordHashers) }},
	{"LOGIN_URL", func(s *Settings) any { return &s.LoginURL }},
	{"LOGIN_REDIRECT_URL", func(s *Settings) any { return &s.LoginRedirectURL }},
	{"CSRF_USE_SESSIONS", func(s *Settings) any { return &s.CSRFUseSessions }},
	{"CSRF_COOKIE_NAME", func(s *Settings) any { return &s.CSRFCookieName }},
	{"CSRF_COOKIE_MASKED", func(s *Settings) any { return &s.CSRFCookieMasked }},
	{"CSRF_COOKIE_AGE", func(s *Settings) any { return &s.CSRFCookieAge }},
	{"CSRF_COOKIE_DOMAIN", func(s *Settings) any { return &s.CSRFCookieDomain }},
	{"CSRF_COOKIE_PATH", func(s *Settings) any { return &s.CSRFCookiePath }},
	{"CSRF_COOKIE_SECURE", func(s *Settings) any { return &s.CSRFCookieSecure }},
	{"CSRF_COOKIE_HTTPONLY", func(s *Settings) any { return &s.CSRFCookieHTTPOnly }},
	{"CSRF_COOKIE_SAMESITE", func(s *Settings) any { return (*string)(&s.CSRFCookieSameSite) }},
	{"CSRF_HEADER_NAME", func(s *Settings) any { return &s.CSRFHeaderName }},
	{"CSRF_TRUSTED_ORIGINS", func(s *Settings) any { return (*nameList)(&s.CSRFTrustedOrigins) }},
	{"DATA_UPLOAD_MAX_NUMBER_FIELDS", func(s *Settings) any { return &s.DataUploadMaxNumberFields }},
	{"MESSAGE_STORAGE", func(s *Settings) any { return &s.MessageStorage }},
	{"MESSAGE_LEVEL", func(s *Settings) any { return &s.MessageLevel }},
	{"MESSAGE_TAGS", func(s *Settings) any { return &s.MessageTags }},
	{"MIDDLEWARE", func(s *Settings) any { return (*nameList)(&s.Middleware) }},
	{"DATABASES", func(s *Settings) any { return &s.Databases }},
	{"CACHES", func(s *Settings) any { return &s.Caches }},
	{"USER_MODEL", func(s *Settings) any { return &s.UserModel }},
	{"SESSION_MODEL", func(s *Settings) any { return &s.SessionModel }},
}

// nameList is a list of texts without blanks, which may separate them, too.
type nameList []string

// engineName is a SESSION_ENGINE, of which the environment may have the last part only.
type engineName string

func (n *engineName) set(text string) {
	if !strings.Contains(text, ".") {
		text = strings.TrimSuffix(EngineDB, "db") + text
	}
	*n = engineName(text)
}

// serializerName is a SESSION_SERIALIZER, or "json" or "pickle".
type serializerName string

func (n *serializerName) set(text string) {
	switch text {
	case "json":
		text = jsonSerializer
	case "pickle":
		text = pickleSerializer
	}
	*n = serializerName(text)
}
