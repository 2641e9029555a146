package django

// Settings are those of the Django site that the sessions are shared with, under Django's
// names: SESSION_COOKIE_AGE is SessionCookieAge. They must be what that site's settings.py
// says. Start from [DefaultSettings]; [New] refuses a zero Settings, and copies what it gets.
//
// Settings print without the secrets, unless in an unexported field of another struct.
type Settings struct {
	// SecretKey is SECRET_KEY, as the bytes of the str or bytes in settings.py.
	SecretKey string
	// SecretKeyFallbacks is SECRET_KEY_FALLBACKS: older keys whose signatures are accepted.
	// A DjangoVersion before 4.1 does not have the setting and ignores it.
	SecretKeyFallbacks []string

	// DjangoVersion is the site's release, such as "3.2" or "5.2.18". It decides which formats
	// of sessions, login hashes, password hashes and CSRF tokens are read and written. Empty
	// means the newest that this package knows.
	DjangoVersion string
	// SessionFormat is the format that is written, by default that of DjangoVersion. Set
	// FormatPre31 for Django 3.1 or 3.2 with DEFAULT_HASHING_ALGORITHM = "sha1".
	SessionFormat Format
	// ReadOlderFormats also accepts sessions that DjangoVersion no longer reads: those signed
	// with SHA-1, as Django 3.1 and 3.2 could, and the format before 3.1. They are written
	// back in SessionFormat. Package auth then accepts and replaces SHA-1 login hashes, and
	// package messages reads the cookies of all versions.
	ReadOlderFormats bool
	// MaxInflated limits a session's inflated data, in bytes; larger sessions are
	// [ErrTooLarge]. 0 means 4 MiB. Only a few large sessions are decoded at once.
	MaxInflated int

	// UseTZ is USE_TZ. nil, not set, is an error where it matters: for SQLite and MySQL in
	// dbstore, and for dates in a session. Django's default is False before 5.0, then True.
	UseTZ *bool
	// TimeZone is TIME_ZONE, a name in the IANA time zone database. It must be set if UseTZ
	// is false. Django's default is "America/Chicago"; startproject writes "UTC".
	TimeZone string

	// SessionEngine is SESSION_ENGINE, [EngineDB] by default. [New] refuses one that its
	// [Engine] does not serve. The dotted path of a subclass that the site wrote is accepted.
	SessionEngine string
	// SessionEngineBase is the one of Django's engines, such as [EngineCachedDB], that a
	// SessionEngine of the site's own is a subclass of. Empty, the default, is unknown; [New]
	// otherwise refuses an [Engine] that does not serve it.
	SessionEngineBase string
	// SessionStoreClass is the name of the site's session store class, which is part of the
	// signature's salt. Django's engines all call it "SessionStore", the default.
	SessionStoreClass string
	// SessionSerializer is SESSION_SERIALIZER: Django's JSONSerializer, the default, or
	// "django.contrib.sessions.serializers.PickleSerializer", which Django has up to 4.2. The
	// engines that use a cache ignore it for what they keep there, as in Django.
	SessionSerializer string
	// SessionCacheAlias is SESSION_CACHE_ALIAS, "default" by default. dbstore ignores it.
	SessionCacheAlias string
	// SessionFilePath is SESSION_FILE_PATH; empty, the default, is None. dbstore ignores it.
	SessionFilePath string

	// SessionCookieName is SESSION_COOKIE_NAME, "sessionid" by default: letters, digits and
	// !#$%&'*+-.^_`|~:, and not the name of an attribute, such as "path".
	SessionCookieName string
	// SessionCookieAge is SESSION_COOKIE_AGE, in seconds, 1209600 (two weeks) by default: how
	// long a session lives that does not set its own expiry. It must end before the year
	// 10000, or cannot be saved ([ErrExpiry]).
	SessionCookieAge int64
	// SessionCookieDomain is SESSION_COOKIE_DOMAIN; empty, the default, is None: this host
	// only.
	SessionCookieDomain string
	// SessionCookiePath is SESSION_COOKIE_PATH, "/" by default. Empty is None, for which
	// browsers use the directory of the page that set the cookie.
	SessionCookiePath string
	// SessionCookieSecure is SESSION_COOKIE_SECURE, false by default: HTTPS only.
	SessionCookieSecure bool
	// SessionCookieHTTPOnly is SESSION_COOKIE_HTTPONLY, true by default: no scripts.
	SessionCookieHTTPOnly bool
	// SessionCookieSameSite is SESSION_COOKIE_SAMESITE, SameSiteLax by default.
	SessionCookieSameSite SameSite
	// SessionSaveEveryRequest is SESSION_SAVE_EVERY_REQUEST, false by default: save the
	// session and send its cookie on every request.
	SessionSaveEveryRequest bool
	// SessionExpireAtBrowserClose is SESSION_EXPIRE_AT_BROWSER_CLOSE, false by default: the
	// cookie ends with the browser, unless the session sets its own expiry.
	SessionExpireAtBrowserClose bool

	// AllowedHosts is ALLOWED_HOSTS: the hosts of this service. With another host no Origin,
	// Referer or URL after a login is same-origin. nil, the default, accepts every host, which
	// is safe behind a proxy that checks it; an empty list accepts none, as in Django.
	AllowedHosts []string
	// UseXForwardedHost is USE_X_FORWARDED_HOST, false by default: take the host from
	// X-Forwarded-Host. Only behind a proxy that sets or removes that header.
	UseXForwardedHost bool
	// UseXForwardedPort is USE_X_FORWARDED_PORT, false by default.
	UseXForwardedPort bool
	// SecureProxySSLHeader is SECURE_PROXY_SSL_HEADER: a header in Django's form, such as
	// "HTTP_X_FORWARDED_PROTO", and the value with which the proxy reports HTTPS, such as
	// "https". Empty by default: a request is secure if it reached this service over TLS.
	SecureProxySSLHeader [2]string

	// AuthenticationBackends is AUTHENTICATION_BACKENDS, Django's ModelBackend by default.
	// Logins by other backends are not accepted.
	AuthenticationBackends []string
	// PasswordHashers is PASSWORD_HASHERS, dotted paths; the first makes new hashes. nil, the
	// default, means the default of DjangoVersion.
	PasswordHashers []string
	// LoginURL is LOGIN_URL, "/accounts/login/" by default: a path or a URL, no pattern name.
	LoginURL string
	// LoginRedirectURL is LOGIN_REDIRECT_URL, "/accounts/profile/" by default: a path or a URL.
	LoginRedirectURL string

	// CSRFUseSessions is CSRF_USE_SESSIONS, false by default: keep the secret in the session
	// instead of a cookie.
	CSRFUseSessions bool
	// CSRFCookieName is CSRF_COOKIE_NAME, "csrftoken" by default.
	CSRFCookieName string
	// CSRFCookieMasked is CSRF_COOKIE_MASKED of Django 4.1 and 4.2, false by default: write
	// the secret masked, as older versions do.
	CSRFCookieMasked bool
	// CSRFCookieAge is CSRF_COOKIE_AGE, in seconds, 31449600 (364 days) by default. 0 is
	// None: until the browser closes.
	CSRFCookieAge int64
	// CSRFCookieDomain is CSRF_COOKIE_DOMAIN; empty, the default, is None.
	CSRFCookieDomain string
	// CSRFCookiePath is CSRF_COOKIE_PATH, "/" by default. Empty is None, as for
	// SessionCookiePath.
	CSRFCookiePath string
	// CSRFCookieSecure is CSRF_COOKIE_SECURE, false by default.
	CSRFCookieSecure bool
	// CSRFCookieHTTPOnly is CSRF_COOKIE_HTTPONLY, false by default.
	CSRFCookieHTTPOnly bool
	// CSRFCookieSameSite is CSRF_COOKIE_SAMESITE, SameSiteLax by default.
	CSRFCookieSameSite SameSite
	// CSRFHeaderName is CSRF_HEADER_NAME, "HTTP_X_CSRFTOKEN" by default, which is the header
	// X-CSRFToken. A name in another form names no header, as in Django: tokens are then
	// found in forms only.
	CSRFHeaderName string
	// CSRFTrustedOrigins is CSRF_TRUSTED_ORIGINS: since Django 4.0 origins such as
	// "https://example.com" and "https://*.example.com", before that hosts such as
	// "example.com" and ".example.com".
	CSRFTrustedOrigins []string

	// DataUploadMaxNumberFields is DATA_UPLOAD_MAX_NUMBER_FIELDS, 1000 by default, 0 for None:
	// package csrf refuses a form with more fields, if it has to read the form for the token.
	DataUploadMaxNumberFields int

	// MessageStorage is MESSAGE_STORAGE, a dotted path; Django's FallbackStorage by default.
	// Package messages reads it and the next two.
	MessageStorage string
	// MessageLevel is MESSAGE_LEVEL, 20 (INFO) by default: lower messages are dropped.
	MessageLevel int
	// MessageTags is MESSAGE_TAGS: tags of levels that replace Django's own, such as "error".
	MessageTags map[int]string

	// Databases is DATABASES by alias, as far as [LoadSettings] has it. No package connects
	// by it.
	Databases map[string]Database
	// Caches is CACHES by alias, as far as [LoadSettings] has it. The engines of package
	// cachestore take KEY_PREFIX and VERSION of SessionCacheAlias from it, unless an option
	// sets them.
	Caches map[string]Cache
	// Middleware is MIDDLEWARE, as far as [LoadSettings] has it. Nothing depends on it here.
	Middleware []string
	// UserModel describes the user model; its zero value is Django's own.
	UserModel UserModel
	// SessionModel describes the session model; its zero value is Django's own.
	SessionModel SessionModel
}

// DefaultSettings returns the defaults of the newest Django. SecretKey has to be set; so has
// UseTZ, and TimeZone if it is false, where times matter.
func DefaultSettings() Settings {
	return Settings{
		SessionStoreClass:     "SessionStore",
		SessionEngine:         EngineDB,
		SessionSerializer:     jsonSerializer,
		SessionCacheAlias:     "default",
		SessionCookieName:     "sessionid",
		SessionCookieAge:      14 * 24 * 60 * 60,
		SessionCookiePath:     "/",
		SessionCookieHTTPOnly: true,
		SessionCookieSameSite: SameSiteLax,

		AuthenticationBackends: []string{"django.contrib.auth.backends.ModelBackend"},
		LoginURL:               "/accounts/login/",
		LoginRedirectURL:       "/accounts/profile/",

		CSRFCookieName:     "csrftoken",
		CSRFCookieAge:      52 * 7 * 24 * 60 * 60,
		CSRFCookiePath:     "/",
		CSRFCookieSameSite: SameSiteLax,
		CSRFHeaderName:     "HTTP_X_CSRFTOKEN",

		DataUploadMaxNumberFields: 1000,

		MessageStorage: "django.contrib.messages.storage.fallback.FallbackStorage",
		MessageLevel:   20,
	}
}

// SameSite is a value of SESSION_COOKIE_SAMESITE and CSRF_COOKIE_SAMESITE. It may be in
// upper or lower case ("lax") and is sent as it is written.
type SameSite string

// The values of SESSION_COOKIE_SAMESITE and CSRF_COOKIE_SAMESITE. SameSiteUnset is Django's
// False and None: the cookie has no such attribute.
const (
	SameSiteUnset  SameSite = ""
	SameSiteLax    SameSite = "Lax"
	SameSiteStrict SameSite = "Strict"
	SameSiteNone   SameSite = "None"
)
