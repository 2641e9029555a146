package sitesettings

import (
	"slices"
	"strings"

	"github.com/djsession/djsession/internal/pyliteral"
)

// kind is the type of a setting in the file.
type kind int

const (
	text    kind = iota // a str; None is ""
	secret              // a str or bytes
	secrets             // a list of them
	boolean
	number // an int; None is 0
	list   // a list of str
	pair   // a list of two str, or empty
	sameSite
	tags // a dict from int to str
)

// plain are the settings that go to the file under their own names and unchanged, in its order.
var plain = []struct {
	name string
	kind kind
}{
	{"SECRET_KEY", secret}, {"SECRET_KEY_FALLBACKS", secrets},
	{"USE_TZ", boolean}, {"TIME_ZONE", text},
	{"SESSION_ENGINE", text}, {"SESSION_SERIALIZER", text}, {"SESSION_CACHE_ALIAS", text}, {"SESSION_FILE_PATH", text},
	{"SESSION_COOKIE_NAME", text}, {"SESSION_COOKIE_AGE", number}, {"SESSION_COOKIE_DOMAIN", text}, {"SESSION_COOKIE_PATH", text},
	{"SESSION_COOKIE_SECURE", boolean}, {"SESSION_COOKIE_HTTPONLY", boolean}, {"SESSION_COOKIE_SAMESITE", sameSite},
	{"SESSION_SAVE_EVERY_REQUEST", boolean}, {"SESSION_EXPIRE_AT_BROWSER_CLOSE", boolean},
	{"ALLOWED_HOSTS", list}, {"USE_X_FORWARDED_HOST", boolean}, {"USE_X_FORWARDED_PORT", boolean}, {"SECURE_PROXY_SSL_HEADER", pair},
	{"AUTHENTICATION_BACKENDS", list}, {"PASSWORD_HASHERS", list}, {"LOGIN_URL", text}, {"LOGIN_REDIRECT_URL", text},
	{"CSRF_USE_SESSIONS", boolean}, {"CSRF_COOKIE_NAME", text}, {"CSRF_COOKIE_MASKED", boolean}, {"CSRF_COOKIE_AGE", number},
	{"CSRF_COOKIE_DOMAIN", text}, {"CSRF_COOKIE_PATH", text}, {"CSRF_COOKIE_SECURE", boolean}, {"CSRF_COOKIE_HTTPONLY", boolean},
	{"CSRF_COOKIE_SAMESITE", sameSite}, {"CSRF_HEADER_NAME", text}, {"CSRF_TRUSTED_ORIGINS", list},
	{"DATA_UPLOAD_MAX_NUMBER_FIELDS", number},
	{"MESSAGE_STORAGE", text}, {"MESSAGE_LEVEL", number}, {"MESSAGE_TAGS", tags},
	{"MIDDLEWARE", list},
}

// others are the settings that become something else in the file.
var others = []string{
	"DJANGO_VERSION", "DATABASES", "DATABASE_ROUTERS", "CACHES", "AUTH_USER_MODEL", "USER_MODEL", "SESSION_STORE", "SESSION_MODEL",
	"DEFAULT_HASHING_ALGORITHM", "DEBUG", "INSTALLED_APPS", "DJANGO_REDIS_IGNORE_EXCEPTIONS", "PROBLEMS",
	"CSRF_FAILURE_VIEW", "AUTH_PASSWORD_VALIDATORS",
}

// prefixes are those of settings that sessions, logins, forms and messages may depend on.
var prefixes = []string{"SESSION_", "CSRF_", "AUTH", "LOGIN_", "MESSAGE_"}

// known reports whether a setting is carried over, or says something about one that is.
func known(name string) bool { return isPlain(name) || slices.Contains(others, name) }

// related reports whether a setting that is not known may matter all the same.
func related(name string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}

func isPlain(name string) bool {
	for _, p := range plain {
		if p.name == name {
			return true
		}
	}
	return false
}

// convert returns a value as the file has it, and whether it is of the kind.
func (k kind) convert(v pyliteral.Value) (any, bool) {
	switch k {
	case text:
		if v == nil {
			return "", true
		}
		s, ok := v.(string)
		return s, ok
	case sameSite:
		if v == nil || v == false {
			return "", true
		}
		s, ok := v.(string)
		return s, ok
	case secret:
		return secretText(v)
	case boolean:
		return truth(v)
	case number:
		switch n := v.(type) {
		case nil:
			return int64(0), true
		case int64:
			return n, true
		case float64:
			return int64(n), n == float64(int64(n))
		}
	case list, secrets:
		return convertList(k, v)
	case pair:
		texts, ok := convertList(list, v)
		return texts, ok && len(texts)%2 == 0 && len(texts) <= 2
	case tags:
		return convertTags(v)
	}
	return nil, false
}

// truth returns what Python's bool makes of v.
func truth(v pyliteral.Value) (value, ok bool) {
	switch b := v.(type) {
	case nil:
		return false, true
	case bool:
		return b, true
	case int64:
		return b != 0, true
	}
	return false, false
}

func convertList(k kind, v pyliteral.Value) ([]any, bool) {
	items, ok := v.(pyliteral.List)
	texts := []any{}
	if !ok {
		return texts, v == nil
	}
	for _, item := range items {
		one, ok := any(nil), false
		if k == secrets {
			one, ok = secretText(item)
		} else {
			one, ok = item.(string)
		}
		if !ok {
			return nil, false
		}
		texts = append(texts, one)
	}
	return texts, true
}

func convertTags(v pyliteral.Value) (any, bool) {
	dict, ok := v.(pyliteral.Dict)
	if !ok {
		return nil, false
	}
	tags := map[int64]string{}
	for _, p := range dict {
		level, isInt := p.Key.(int64)
		tag, isText := p.Value.(string)
		if !isInt || !isText {
			return nil, false
		}
		tags[level] = tag
	}
	return tags, true
}
