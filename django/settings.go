package django

// Settings are the settings of the Django site that the sessions are shared
// with, under Django's names: SESSION_COOKIE_AGE is SessionCookieAge. They must
// say what that site's settings.py says.
//
// Printed and logged, Settings leave out the secrets; a struct that keeps them in
// an unexported field must not be printed, since fmt then sees the fields alone.
//
// Start from [DefaultSettings], which holds Django's own defaults; a zero
// Settings is refused by [New]. Settings are copied by New: changing them
// afterwards changes nothing.
type Settings struct {
	// SecretKey is SECRET_KEY, as the bytes of the str or bytes that settings.py
	// holds. It must not be empty.
	SecretKey string

	// SecretKeyFallbacks is SECRET_KEY_FALLBACKS: older keys with which signatures are
	// still accepted, tried in this order. Nothing is signed with them. Django before
	// 4.1 does not know the setting; for such a DjangoVersion it is ignored here, too.
	SecretKeyFallbacks []string

	// DjangoVersion is the feature release that the site runs, such as "3.2" or
	// "5.2"; a patch release ("5.2.18") may follow. It decides which session
	// formats are read and written. Empty means the newest that this package
	// knows. Which login hashes, password hashes and CSRF tokens that Django makes
	// and takes follows from it, too.
	DjangoVersion string

	// SessionFormat is the format in which session data is written. The default
	// is the one that DjangoVersion writes. Set FormatPre31 for a site on Django
	// 3.1 or 3.2 with DEFAULT_HASHING_ALGORITHM = "sha1".
	SessionFormat Format

	// ReadOlderFormats also accepts session data in formats that DjangoVersion no
	// longer reads: signed with SHA-1 as Django 3.1 and 3.2 could, and the format
	// before Django 3.1. Such a session is written back in SessionFormat. Package
	// auth then also accepts login hashes by SHA-1, which it replaces.
	ReadOlderFormats bool

	// MaxInflated bounds a session's data once it is inflated, in bytes: what is
	// larger is unreadable, so that a small text cannot fill the memory. 0 is 4 MiB.
	// It bounds what one request may hold (text, data, and about 13 bytes a key),
	// not what all requests hold together; large data is read in turn.
	MaxInflated int

	// SessionStoreClass is the name of the site's session store class, which is
	// part of the signature's salt. Django's own engines all call it
	// "SessionStore", the default; a site with a class of its own has another.
	SessionStoreClass string

	// UseTZ is USE_TZ. Its default in Django was False before 5.0 and is True
	// since, therefore nil means that it is not set: engines that need it
	// (SQLite and MySQL in dbstore) and dates in a session refuse to guess.
	UseTZ *bool

	// TimeZone is TIME_ZONE, a name of the IANA time zone database. Django's own
	// default is "America/Chicago"; what startproject writes is "UTC". It must be
	// set when UseTZ is false.
	TimeZone string

	// SessionEngine is SESSION_ENGINE, [EngineDB] by default. [New] refuses one that
	// its [Engine] does not serve. The dotted path of a subclass that the site wrote
	// is accepted; see SessionStoreClass.
	SessionEngine string

	// SessionSerializer is SESSION_SERIALIZER. Only Django's JSONSerializer, the
	// default, is supported.
	SessionSerializer string

	// SessionCacheAlias is SESSION_CACHE_ALIAS, "default" by default. The
	// database engine makes no use of it.
	SessionCacheAlias string

	// SessionFilePath is SESSION_FILE_PATH; empty, the default, is Django's None.
	// The database engine makes no use of it.
	SessionFilePath string

	// SessionCookieName is SESSION_COOKIE_NAME, "sessionid" by default: a name that
	// Python's http.cookies accepts, with letters, digits and !#$%&'*+-.^_`|~: only, and
	// not that of an attribute, such as "path".
	SessionCookieName string

	// SessionCookieAge is SESSION_COOKIE_AGE, in seconds as in Django, 1209600 (two
	// weeks) by default: how long a session lives that sets no expiry of its own.
	// It must be positive. A session that would end after the year 9999 cannot be
	// saved: the error is [ErrExpiry], where Django raises.
	SessionCookieAge int64

	// SessionCookieDomain is SESSION_COOKIE_DOMAIN; empty, the default, is
	// Django's None: a cookie for this host only.
	SessionCookieDomain string

	// SessionCookiePath is SESSION_COOKIE_PATH, "/" by default. Empty is Django's
	// None: a cookie without a path, which browsers send to the directory of the page
	// that set it.
	SessionCookiePath string

	// SessionCookieSecure is SESSION_COOKIE_SECURE, false by default: send the
	// cookie over HTTPS only.
	SessionCookieSecure bool

	// SessionCookieHTTPOnly is SESSION_COOKIE_HTTPONLY, true by default: keep the
	// cookie from the page's scripts.
	SessionCookieHTTPOnly bool

	// SessionCookieSameSite is SESSION_COOKIE_SAMESITE, SameSiteLax by default.
	SessionCookieSameSite SameSite

	// SessionSaveEveryRequest is SESSION_SAVE_EVERY_REQUEST, false by default:
	// save the session, and send its cookie anew, on every request.
	SessionSaveEveryRequest bool

	// SessionExpireAtBrowserClose is SESSION_EXPIRE_AT_BROWSER_CLOSE, false by
	// default: send a cookie that ends with the browser, unless the session sets
	// an expiry of its own.
	SessionExpireAtBrowserClose bool

	// AllowedHosts is ALLOWED_HOSTS: the hosts that this service may be asked for.
	// Under another one nothing counts as same-origin: neither a form's Origin and
	// Referer nor where a login leads to. nil, the default, takes whatever host the
	// request names, which is safe where a proxy checks it; Django's empty list
	// takes none.
	AllowedHosts []string

	// UseXForwardedHost is USE_X_FORWARDED_HOST, false by default: the host is what
	// the X-Forwarded-Host header says. Only for a service behind a proxy that sets
	// or removes that header.
	UseXForwardedHost bool

	// UseXForwardedPort is USE_X_FORWARDED_PORT, false by default.
	UseXForwardedPort bool

	// SecureProxySSLHeader is SECURE_PROXY_SSL_HEADER: a header in the form of its
	// Django's, such as "HTTP_X_FORWARDED_PROTO", and the value, such as "https",
	// with which the proxy says that it was asked over HTTPS. Empty by default: a
	// request is secure if it reached this service over TLS.
	SecureProxySSLHeader [2]string

	// AuthenticationBackends is AUTHENTICATION_BACKENDS, Django's ModelBackend by
	// default. A login by another backend is not accepted.
	AuthenticationBackends []string

	// PasswordHashers is PASSWORD_HASHERS: Django's dotted paths, the first of
	// which makes new hashes. nil, the default, is the default of DjangoVersion.
	PasswordHashers []string

	// LoginURL is LOGIN_URL, "/accounts/login/" by default: a path or a URL, not
	// the name of one of Django's URL patterns.
	LoginURL string

	// LoginRedirectURL is LOGIN_REDIRECT_URL, "/accounts/profile/" by default: a
	// path or a URL, as LoginURL.
	LoginRedirectURL string

	// CSRFUseSessions is CSRF_USE_SESSIONS, false by default: keep the secret in
	// the session instead of a cookie of its own.
	CSRFUseSessions bool

	// CSRFCookieName is CSRF_COOKIE_NAME, "csrftoken" by default.
	CSRFCookieName string

	// CSRFCookieMasked is CSRF_COOKIE_MASKED of Django 4.1 and 4.2, false by
	// default: write the secret masked, as versions before 4.1 do and read it. Other
	// versions of Django do not have it, so that it changes nothing there.
	CSRFCookieMasked bool

	// CSRFCookieAge is CSRF_COOKIE_AGE, in seconds as in Django, 31449600 (364 days)
	// by default. 0 is Django's None: until the browser closes.
	CSRFCookieAge int64

	// CSRFCookieDomain is CSRF_COOKIE_DOMAIN; empty, the default, is Django's None.
	CSRFCookieDomain string

	// CSRFCookiePath is CSRF_COOKIE_PATH, "/" by default. Empty is Django's None, as
	// for SessionCookiePath.
	CSRFCookiePath string

	// CSRFCookieSecure is CSRF_COOKIE_SECURE, false by default.
	CSRFCookieSecure bool

	// CSRFCookieHTTPOnly is CSRF_COOKIE_HTTPONLY, false by default.
	CSRFCookieHTTPOnly bool

	// CSRFCookieSameSite is CSRF_COOKIE_SAMESITE, SameSiteLax by default.
	CSRFCookieSameSite SameSite

	// CSRFHeaderName is CSRF_HEADER_NAME in Django's form, "HTTP_X_CSRFTOKEN" by
	// default, which is the header X-CSRFToken. In another form, such as
	// "X-XSRF-TOKEN", it names no header, as in Django: tokens are then found in forms
	// only.
	CSRFHeaderName string

	// CSRFTrustedOrigins is CSRF_TRUSTED_ORIGINS: since Django 4.0 origins such as
	// "https://example.com" and "https://*.example.com", before it hosts such as
	// "example.com" and ".example.com". An entry that can match nothing is accepted
	// beside others that can.
	CSRFTrustedOrigins []string

	// DataUploadMaxNumberFields is DATA_UPLOAD_MAX_NUMBER_FIELDS, 1000 by default:
	// package csrf refuses a form with more fields, if it has to read the form for
	// the token. 0 is Django's None: no limit.
	DataUploadMaxNumberFields int
}

// DefaultSettings returns the defaults of the newest Django. SecretKey is empty
// and has to be filled in; UseTZ and TimeZone are not set, see there.
func DefaultSettings() Settings {
	return Settings{
		SessionStoreClass:     "SessionStore",
		SessionEngine:         EngineDB,
		SessionSerializer:     "django.contrib.sessions.serializers.JSONSerializer",
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
