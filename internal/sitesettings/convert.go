package sitesettings

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/djsession/djsession/internal/pyliteral"
)

// Options say what a dump leaves open.
type Options struct {
	// DjangoVersion is the site's Django, for a dump that does not tell.
	DjangoVersion string
}

// Convert returns the settings file of a dump.
func Convert(d Dump, o Options) (File, error) {
	c := converter{Dump: d}
	if err := c.version(o); err != nil {
		return File{}, err
	}
	for _, p := range plain {
		if err := c.plain(p.name, p.kind); err != nil {
			return File{}, err
		}
	}
	for _, convert := range []func(){c.format, c.store, c.sessionModel, c.userModel, c.databases, c.caches, c.unknown} {
		convert()
	}
	return c.file, nil
}

type converter struct {
	Dump
	file File
}

// at returns a setting's name and line, for messages.
func (d Dump) at(name string) string {
	if line := d.lines[name]; line > 0 {
		return fmt.Sprintf("line %d, setting %s", line, name)
	}
	return "setting " + name
}

func (c *converter) version(o Options) error {
	version, _ := c.values["DJANGO_VERSION"].(string)
	if version == "" {
		version = o.DjangoVersion
		c.file.NotInDump = append(c.file.NotInDump, "DJANGO_VERSION")
	}
	if version == "" {
		return errors.New("this dump does not tell the site's Django: add --django-version with what `python -m django --version` prints")
	}
	c.file.add("DJANGO_VERSION", version)
	return nil
}

// problem returns what is wrong with a setting, or something else in the report, that the
// site's Python could not tell; "" for nothing.
func (c *converter) problem(name string) string {
	problems, _ := c.values["PROBLEMS"].(pyliteral.Dict)
	if exception := str(problems, name); exception != "" {
		return "reading it raises " + exception + " in the site's Python"
	}
	return ""
}

func (c *converter) plain(name string, k kind) error {
	v, ok := c.values[name]
	if !ok {
		return nil
	}
	value, ok := k.convert(v)
	if problem := c.problem(name); problem != "" {
		if k == secret || k == secrets {
			return fmt.Errorf("%s: %s: is DJANGO_SETTINGS_MODULE that of the site, and is what its settings read set?", c.at(name), problem)
		}
		c.file.omit(name, "%s", problem)
		return nil
	}
	if !ok {
		if k == secret || k == secrets {
			return fmt.Errorf("%s: the dump does not have its value, which is computed or not a str or bytes: use djsession settings --manage, which asks the site itself", c.at(name))
		}
		c.file.omit(name, "its value is not of the type that Django expects, or computed; set it by hand")
		return nil
	}
	switch name {
	case "ALLOWED_HOSTS":
		if debug, _ := truth(c.values["DEBUG"]); debug && len(value.([]any)) == 0 {
			value = []any{".localhost", "127.0.0.1", "[::1]"} // what Django accepts under DEBUG
		}
	case "LOGIN_URL", "LOGIN_REDIRECT_URL":
		if url := value.(string); !strings.HasPrefix(url, "/") && !strings.Contains(url, "://") {
			c.file.omit(name, "is the name of a URL pattern, or a relative address; set it to the path")
			return nil
		}
	case "SECURE_PROXY_SSL_HEADER":
		if len(value.([]any)) == 0 {
			return nil
		}
	case "MIDDLEWARE":
		c.middleware(value.([]any))
	case "PASSWORD_HASHERS":
		c.custom(name, value.([]any), "django.contrib.auth.hashers.", "auth.New refuses it: describe it in Go, see package hashers")
	case "AUTHENTICATION_BACKENDS":
		c.custom(name, value.([]any), "django.contrib.auth.backends.", "describe it with auth.WithBackend, or Go does not log in where it comes first")
	}
	if k == secret || k == secrets {
		c.file.addSecret(name, value, nil)
	} else {
		c.file.add(name, value)
	}
	return nil
}

// secretText returns a str or bytes as the bytes that Django signs with: text if they are
// UTF-8, else base64.
func secretText(v pyliteral.Value) (any, bool) {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case pyliteral.Bytes:
		text = string(v)
	default:
		return nil, false
	}
	if utf8.ValidString(text) {
		return text, true
	}
	return binary{[]byte(text)}, true
}

// binary is a text that is not UTF-8.
type binary struct {
	Base64 []byte `json:"BASE64"`
}

// custom names the classes of a list that are not Django's.
func (c *converter) custom(name string, list []any, module, advice string) {
	for _, class := range list {
		if !strings.HasPrefix(class.(string), module) {
			c.file.omit(name, "%s is not Django's: %s", class, advice)
		}
	}
}

func (c *converter) middleware(list []any) {
	const contrib = "django.contrib.sessions.middleware.SessionMiddleware"
	if slices.Contains(list, any(contrib)) {
		return
	}
	for _, m := range list {
		if strings.Contains(strings.ToLower(m.(string)), "session") {
			c.file.omit("MIDDLEWARE", "%s replaces Django's SessionMiddleware: what it does otherwise, Go does not do", m)
			return
		}
	}
	c.file.omit("MIDDLEWARE", "has no SessionMiddleware: the site's views have no request.session")
}

func (c *converter) format() {
	if v, ok := c.values["DEFAULT_HASHING_ALGORITHM"]; ok && v == "sha1" {
		c.file.add("SESSION_FORMAT", "pre31")
	}
}

// unknown names the settings that begin like those that are carried over, and are not Django's.
func (c *converter) unknown() {
	if view, _ := c.values["CSRF_FAILURE_VIEW"].(string); view != "" && view != "django.views.csrf.csrf_failure" {
		c.file.omit("CSRF_FAILURE_VIEW", "is %s: its counterpart is a handler for csrf.WithErrorHandler", view)
	}
	if validators, _ := c.values["AUTH_PASSWORD_VALIDATORS"].(pyliteral.List); len(validators) > 0 {
		c.file.omitKind(KindValidators, "AUTH_PASSWORD_VALIDATORS", "run in Django only: where Go sets passwords, check them first")
	}

	var names []string
	for name := range c.values {
		if !known(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.HasPrefix(name, "SESSION_REDIS") {
			c.file.omit(name, "is django-redis-sessions' own: if SESSION_ENGINE is that package's, pass what it says to cachestore.WithSignedText and go-redis's client")
			continue
		}
		c.file.omit(name, "is not a setting of Django's that djsession knows; if an app of the site's changes sessions by it, see what it does")
	}
}
