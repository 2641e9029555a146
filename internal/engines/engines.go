// Package engines knows which function returns the engine for a SESSION_ENGINE.
package engines

var constructors = map[string]string{
	"django.contrib.sessions.backends.db":             "dbstore.New",
	"django.contrib.sessions.backends.cache":          "cachestore.New",
	"django.contrib.sessions.backends.cached_db":      "cachestore.NewCachedDB",
	"django.contrib.sessions.backends.file":           "filestore.New",
	"django.contrib.sessions.backends.signed_cookies": "cookiestore.New",
	"qsessions.backends.db":                           "dbstore.New",
	"qsessions.backends.cached_db":                    "cachestore.NewCachedDB",
	"user_sessions.backends.db":                       "dbstore.New",
	"redis_sessions.session":                          "cachestore.New",
}

// replaced are Django's engines, by the engine in python/ that replaces one of them.
var replaced = map[string]string{
	"djsession.db":        "django.contrib.sessions.backends.db",
	"djsession.cache":     "django.contrib.sessions.backends.cache",
	"djsession.cached_db": "django.contrib.sessions.backends.cached_db",
}

// Django returns Django's engine whose sessions a SESSION_ENGINE reads and writes: for one of
// those in python/ the engine that it replaces, for any other itself.
func Django(sessionEngine string) string {
	if name, ok := replaced[sessionEngine]; ok {
		return name
	}
	return sessionEngine
}

// Constructor returns the function for a SESSION_ENGINE, or "" for one that is not known, such
// as a site's own subclass.
func Constructor(sessionEngine string) string { return constructors[Django(sessionEngine)] }

// Serves reports whether the engine of a function may serve a SESSION_ENGINE: its own, or one
// that is not known.
func Serves(constructor, sessionEngine string) bool {
	is := Constructor(sessionEngine)
	return is == "" || is == constructor
}
