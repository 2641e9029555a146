package django_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/djsession/djsession/django"
)

// writeSettings writes a settings file and returns its name.
func writeSettings(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "djsession.json")
	must(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

const settingsFileText = `{
  "DJSESSION_SETTINGS": 1,
  "DJANGO_VERSION": "4.1.2",
  "SECRET_KEY": {"BASE64": "/2h1c2g="},
  "SECRET_KEY_FALLBACKS": ["com,ma", {"BASE64": "/w=="}],
  "SESSION_FORMAT": "modern",
  "USE_TZ": false,
  "TIME_ZONE": "Europe/Berlin",
  "SESSION_ENGINE": "shop.sessions",
  "SESSION_ENGINE_BASE": "django.contrib.sessions.backends.cached_db",
  "SESSION_COOKIE_AGE": 60,
  "SESSION_COOKIE_PATH": "",
  "SESSION_COOKIE_SAMESITE": "",
  "SESSION_COOKIE_SECURE": true,
  "ALLOWED_HOSTS": [],
  "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
  "CSRF_COOKIE_AGE": 0,
  "MESSAGE_TAGS": {"50": "critical"},
  "DATABASES": {"default": {"DRIVER": "pgx", "DSN": "host='h' password='hush'", "URL": "postgres://u:hush@h/d", "TIME_ZONE": "Asia/Tokyo"}},
  "CACHES": {"default": {"BACKEND": "a.B", "LOCATION": "redis://:hush@h", "URL": "redis://:hush@h", "KEY_PREFIX": "p", "VERSION": 2, "SERIALIZER": "json"}},
  "MIDDLEWARE": ["a.B"],
  "USER_MODEL": {"LABEL": "a.Member", "TABLE": "members", "KEY": "uuid", "COLUMNS": {"id": "n", "username": "mail", "password": "pw"}},
  "SESSION_MODEL": {"LABEL": "s.Session", "TABLE": "s", "KEY_LENGTH": 64, "EXTRA_COLUMNS": ["shop"], "DATABASE": "other"},
  "OMITTED": [{"SETTING": "LOGIN_URL", "WHY": "is computed"}]
}`

func TestLoadSettings(t *testing.T) {
	s, err := django.LoadSettings(writeSettings(t, settingsFileText))
	must(t, err)
	check(t, "SECRET_KEY", s.SecretKey, "\xffhush")
	check(t, "SECRET_KEY_FALLBACKS", strings.Join(s.SecretKeyFallbacks, "|"), "com,ma|\xff")
	check(t, "the version", s.DjangoVersion, "4.1.2")
	check(t, "USE_TZ", *s.UseTZ, false)
	check(t, "SESSION_COOKIE_AGE", s.SessionCookieAge, 60)
	check(t, "SESSION_COOKIE_PATH", s.SessionCookiePath, "")
	check(t, "SESSION_COOKIE_SAMESITE", s.SessionCookieSameSite, django.SameSiteUnset)
	check(t, "SESSION_COOKIE_SECURE", s.SessionCookieSecure, true)
	check(t, "SESSION_COOKIE_NAME", s.SessionCookieName, "sessionid") // a default
	check(t, "ALLOWED_HOSTS accepts none", s.AllowedHosts != nil && len(s.AllowedHosts) == 0, true)
	check(t, "SECURE_PROXY_SSL_HEADER", s.SecureProxySSLHeader, [2]string{"HTTP_X_FORWARDED_PROTO", "https"})
	check(t, "CSRF_COOKIE_AGE", s.CSRFCookieAge, 0)
	check(t, "MESSAGE_TAGS", s.MessageTags[50], "critical")
	check(t, "the driver", s.Databases["default"].Driver, "pgx")
	check(t, "the DSN", s.Databases["default"].DSN(), "host='h' password='hush'")
	check(t, "the URL", s.Databases["default"].URL(), "postgres://u:hush@h/d")
	check(t, "the cache", s.Caches["default"].Location(), "redis://:hush@h")
	check(t, "KEY_PREFIX", s.Caches["default"].KeyPrefix, "p")
	check(t, "the user model", s.UserModel.Columns["username"], "mail")
	check(t, "the session model", s.SessionModel.KeyLength, 64)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(verb, s) + fmt.Sprintf(verb, s.Databases) + fmt.Sprintf(verb, s.Caches["default"]); strings.Contains(text, "hush") {
			t.Errorf("%s prints a secret: %s", verb, text)
		}
	}
	// An engine that the site's own is no subclass of is refused.
	s.SessionEngineBase = django.EngineFile
	if _, err := django.New(s, cacheOnly{}); err == nil || !strings.Contains(err.Error(), "filestore.New") {
		t.Errorf("New with another engine: %v", err)
	}
}

// cacheOnly is an engine of cached_db.
type cacheOnly struct{ django.Engine }

func (cacheOnly) Serves(name string) bool { return name == django.EngineCachedDB }

// Settings of a file are copied both ways.
func TestLoadedSettingsAreCopied(t *testing.T) {
	s, err := django.LoadSettings(writeSettings(t, settingsFileText))
	must(t, err)
	ss, err := django.New(s, noStore)
	must(t, err)
	for _, changed := range []django.Settings{s, ss.Settings()} {
		changed.MessageTags[50], changed.UserModel.Columns["id"] = "x", "x"
		changed.SessionModel.ExtraColumns[0], changed.Middleware[0] = "x", "x"
		delete(changed.Databases, "default")
		delete(changed.Caches, "default")
	}
	got := ss.Settings()
	check(t, "MESSAGE_TAGS", got.MessageTags[50], "critical")
	check(t, "columns", got.UserModel.Columns["id"], "n")
	check(t, "further columns", got.SessionModel.ExtraColumns[0]+got.Middleware[0], "shopa.B")
	check(t, "DATABASES and CACHES", len(got.Databases)+len(got.Caches), 2)
}

// The environment overrides the file, and is enough without one.
func TestLoadSettingsEnvironment(t *testing.T) {
	for name, value := range map[string]string{
		"DJANGO_SECRET_KEY": "from the environment", "DJANGO_SECRET_KEY_FALLBACKS": `["a,b", "c"]`, "DJANGO_VERSION": "5.2", "DJANGO_SESSION_ENGINE": "cached_db",
		"DJANGO_SESSION_ENGINE_BASE": "", "DJANGO_USE_TZ": "True", "DJANGO_SESSION_COOKIE_AGE": "7", "DJANGO_SESSION_COOKIE_SECURE": "off", "DJANGO_ALLOWED_HOSTS": "a.example, .b.example",
		"DJANGO_SECURE_PROXY_SSL_HEADER": "HTTP_X, on", "DJANGO_CSRF_COOKIE_PATH": `""`, "DJANGO_MESSAGE_TAGS": `{"10": "x"}`, "DJANGO_SESSION_SERIALIZER": "json",
		"DJANGO_DATA_UPLOAD_MAX_NUMBER_FIELDS": "9", "DJANGO_SESSION_FORMAT": "modern",
		"DJANGO_PASSWORD_HASHERS": "a.A b.B,c.C",
	} {
		t.Setenv(name, value)
	}
	t.Setenv(django.SettingsVariable, writeSettings(t, settingsFileText))
	s, err := django.LoadSettings("")
	must(t, err)
	check(t, "PASSWORD_HASHERS", strings.Join(s.PasswordHashers, "|"), "a.A|b.B|c.C")
	check(t, "SECRET_KEY", s.SecretKey, "from the environment")
	check(t, "SECRET_KEY_FALLBACKS", strings.Join(s.SecretKeyFallbacks, "|"), "a,b|c")
	check(t, "SESSION_ENGINE", s.SessionEngine, django.EngineCachedDB)
	check(t, "its base", s.SessionEngineBase, "")
	check(t, "USE_TZ", *s.UseTZ, true)
	check(t, "SESSION_COOKIE_AGE", s.SessionCookieAge, 7)
	check(t, "SESSION_COOKIE_SECURE", s.SessionCookieSecure, false)
	check(t, "ALLOWED_HOSTS", strings.Join(s.AllowedHosts, "|"), "a.example|.b.example")
	check(t, "SECURE_PROXY_SSL_HEADER", s.SecureProxySSLHeader, [2]string{"HTTP_X", "on"})
	check(t, "CSRF_COOKIE_PATH", s.CSRFCookiePath, "")
	check(t, "MESSAGE_TAGS", s.MessageTags[10], "x")
	check(t, "DATA_UPLOAD_MAX_NUMBER_FIELDS", s.DataUploadMaxNumberFields, 9)
	check(t, "TIME_ZONE", s.TimeZone, "Europe/Berlin") // of the file

	t.Setenv(django.SettingsVariable, "")
	s, err = django.LoadSettings("")
	must(t, err)
	check(t, "without a file", s.SecretKey+s.TimeZone, "from the environment")
}

func TestLoadSettingsErrors(t *testing.T) {
	for _, tt := range []struct{ file, want string }{
		{"", "line 1: the JSON is damaged or cut off"},
		{"{\n\"DJSESSION_SETTINGS\": 1,\n\"SECRET_KEY\": \"hush", "line 3: the JSON is damaged"},
		{`["hush"]`, "the JSON is damaged"},
		{`{"SECRET_KEY": "hush"}`, "not a settings file of djsession"},
		{`{"DJSESSION_SETTINGS": "1"}`, "not a settings file of djsession"},
		{`{"DJSESSION_SETTINGS": 2, "SECRET_KEY": "hush"}`, "its format is 2, and this version reads 1: update djsession"},
		{`{"DJSESSION_SETTINGS": 1}`, "SECRET_KEY"},
		{`{"DJSESSION_SETTINGS": 1, "SECRET_KEY": "hush", "SECRET_KEYS": "hush"}`, "setting SECRET_KEYS is not known"},
		{`{"DJSESSION_SETTINGS": 1, "SECRET_KEY": ["hush"]}`, "setting SECRET_KEY must be text"},
		{`{"DJSESSION_SETTINGS": 1, "SECRET_KEY": null}`, "setting SECRET_KEY must be text"},
		{`{"DJSESSION_SETTINGS": 1, "SECRET_KEY": {"BASE64": "hush!"}}`, "setting SECRET_KEY must be text"},
		{`{"DJSESSION_SETTINGS": 1, "SECRET_KEY": {}}`, "setting SECRET_KEY must be text"},
		{`{"DJSESSION_SETTINGS": 1, "SECRET_KEY_FALLBACKS": "hush"}`, "setting SECRET_KEY_FALLBACKS must be a list"},
		{`{"DJSESSION_SETTINGS": 1, "SESSION_COOKIE_AGE": "1"}`, "setting SESSION_COOKIE_AGE must be a whole number"},
		{`{"DJSESSION_SETTINGS": 1, "SESSION_COOKIE_AGE": 1.5}`, "setting SESSION_COOKIE_AGE must be a whole number"},
		{`{"DJSESSION_SETTINGS": 1, "USE_TZ": "yes"}`, "setting USE_TZ must be True or False"},
		{`{"DJSESSION_SETTINGS": 1, "SESSION_FORMAT": "old"}`, "setting SESSION_FORMAT must be modern or pre31"},
		{`{"DJSESSION_SETTINGS": 1, "SECURE_PROXY_SSL_HEADER": ["a"]}`, "setting SECURE_PROXY_SSL_HEADER must be a list of two"},
		{`{"DJSESSION_SETTINGS": 1, "DATABASES": {"default": "postgres://hush"}}`, "setting DATABASES must be JSON"},
		{`{"DJSESSION_SETTINGS": 1, "SECRET_KEY": "hush", "SESSION_COOKIE_AGE": -1}`, "SESSION_COOKIE_AGE"},
	} {
		_, err := django.LoadSettings(writeSettings(t, tt.file))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.file, err, tt.want)
		} else if strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the error quotes a secret: %v", tt.file, err)
		}
	}
	if _, err := django.LoadSettings(filepath.Join(t.TempDir(), "missing.json")); err == nil || !strings.Contains(err.Error(), "make it with djsession settings") {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := django.LoadSettings(t.TempDir()); err == nil {
		t.Error("a directory is read")
	}
	good := writeSettings(t, settingsFileText)
	for name, value := range map[string]string{
		"DJANGO_SESSION_COOKIE_AGE": "hush", "DJANGO_USE_TZ": "hush", "DJANGO_SECRET_KEY_FALLBACKS": "[hush", "DJANGO_SECURE_PROXY_SSL_HEADER": "hush", "DJANGO_SESSION_FORMAT": "hush", "DJANGO_DATABASES": "hush",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, value)
			if _, err := django.LoadSettings(good); err == nil || !strings.Contains(err.Error(), "environment variable "+name+": must") || strings.Contains(err.Error(), "hush") {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

// Every setting can be in a file and in the environment: a new field of Settings that cannot is
// noticed here.
func TestSettingFieldsAreComplete(t *testing.T) {
	if missing := django.SettingsWithoutName(); len(missing) > 0 {
		t.Errorf("no file can hold %v", missing)
	}
}

func FuzzParseSettings(f *testing.F) {
	f.Add([]byte(settingsFileText))
	f.Add([]byte(`{"DJSESSION_SETTINGS": 1, "SECRET_KEY": {"BASE64": ""}, "ALLOWED_HOSTS": null}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := django.ParseSettings(content)
		if err != nil && !strings.HasPrefix(err.Error(), "django: settings file: ") {
			t.Errorf("%v", err)
		}
		if err == nil {
			_ = s.Validate()
		}
	})
}

// A file is read as an editor or PowerShell saved it, and refused if a secret in it would be
// read as another text.
func TestSettingsFileEncodings(t *testing.T) {
	utf16 := []byte{0xFF, 0xFE}
	for _, c := range []byte(settingsFileText) { // which is ASCII
		utf16 = append(utf16, c, 0)
	}
	for name, content := range map[string]string{
		"a byte order mark": "\uFEFF" + settingsFileText,
		"CRLF":              strings.ReplaceAll(settingsFileText, "\n", "\r\n"),
		"UTF-16":            string(utf16),
	} {
		if s, err := django.LoadSettings(writeSettings(t, content)); err != nil || s.SecretKey != "\xffhush" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, content := range map[string]string{
		"Latin-1":  "{\n\"DJSESSION_SETTINGS\": 1,\n\"SECRET_KEY\": \"hush\xe9\"}",
		"NUL byte": "{\n\"DJSESSION_SETTINGS\": 1,\n\"SECRET_KEY\": \"hush\x00\"}",
	} {
		if _, err := django.LoadSettings(writeSettings(t, content)); err == nil || !strings.Contains(err.Error(), "line 3") || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Entries written by hand: what they leave out is Django's default, and a name that does not
// exist is an error.
func TestHandWrittenEntries(t *testing.T) {
	parse := func(entry string) (django.Settings, error) {
		return django.ParseSettings([]byte(`{"DJSESSION_SETTINGS": 1, ` + entry + "}"))
	}
	s, err := parse(`"CACHES": {"default": {"BACKEND": "a.B"}, "zero": {"VERSION": 0}}`)
	must(t, err)
	check(t, "VERSION", s.Caches["default"].Version, 1)
	check(t, "VERSION 0", s.Caches["zero"].Version, 0)
	for _, entry := range []string{
		`"DATABASES": {"default": {"NAME": "shop", "PASSWORD": "hush"}}`, `"USER_MODEL": {"TABEL": "hush"}`, `"SESSION_MODEL": {"LENGTH": 3}`, `"CACHES": {"default": {"PREFIX": "hush"}}`,
	} {
		if _, err := parse(entry); err == nil || !strings.Contains(err.Error(), "must be JSON, as djsession settings writes it") || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", entry, err)
		}
	}
}
