package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/engines"
)

// settingsFile is the settings file of --settings, as settings of Django's and as the values
// of flags. The zero settingsFile is none.
type settingsFile struct {
	name   string
	values map[string]string // by flag
	django *django.Settings
}

// settings returns the settings in the file, with Django's defaults for the others.
func (f settingsFile) settings() django.Settings {
	if f.django == nil {
		return django.DefaultSettings()
	}
	return *f.django
}

// inputs returns where a command's settings come from. It reads the settings file.
func (a *app) inputs(cmd *cobra.Command) (in inputs, err error) {
	in = inputs{cmd: cmd, getenv: a.getenv}
	name, set := in.get("settings")
	if !set || name == "" {
		return in, nil
	}
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return in, fmt.Errorf("the file %q of %s does not exist; make it with djsession settings", name, where("settings"))
	}
	if err != nil {
		return in, fmt.Errorf("the file of %s cannot be read: %w", where("settings"), err)
	}
	site, err := django.ParseSettings(content)
	if err != nil {
		return in, fmt.Errorf("the file %q of %s: %w", name, where("settings"), err)
	}
	a.addSecrets(site)
	in.file = settingsFile{name: name, values: flagValues(site), django: &site}
	return in, nil
}

// addSecrets keeps what is secret in settings out of messages.
func (a *app) addSecrets(s django.Settings) {
	a.secrets.add(s.SecretKey)
	a.secrets.add(s.SecretKeyFallbacks...)
	for _, d := range s.Databases {
		a.secrets.add(d.DSN(), d.URL())
	}
	for _, c := range s.Caches {
		if strings.ContainsAny(c.Location(), "@?") { // else there is no password in it
			a.secrets.add(c.Location(), c.URL())
		}
	}
}

// flagValues returns the values that settings give to flags.
func flagValues(s django.Settings) map[string]string {
	values := map[string]string{}
	set := func(flag, value string) {
		if value != "" {
			values[flag] = value
		}
	}
	list := func(flag string, items []string) {
		if len(items) > 0 {
			set(flag, jsonList(items))
		}
	}
	engine := fileEngine(s)
	database := s.Databases[databaseAlias(s)]
	cache := s.Caches[s.SessionCacheAlias]
	set("engine", engine)
	set("secret-key", s.SecretKey)
	list("secret-key-fallbacks", s.SecretKeyFallbacks)
	set("database-url", database.URL())
	if s.UseTZ == nil || *s.UseTZ {
		set("database-time-zone", database.TimeZone)
	}
	if cache.Backend != "" && (engine == django.EngineCache || engine == django.EngineCachedDB) {
		set("cache-url", cache.URL())
		set("cache-key-prefix", cache.KeyPrefix)
		set("cache-version", strconv.Itoa(cache.Version))
		set("cache-serializer", cache.Serializer)
		set("cache-compressor", cache.Compressor)
	}
	set("session-file-path", s.SessionFilePath)
	set("session-cookie-name", s.SessionCookieName)
	if s.UseTZ != nil {
		set("use-tz", strconv.FormatBool(*s.UseTZ))
	}
	set("time-zone", s.TimeZone)
	set("django-version", s.DjangoVersion)
	set("session-format", map[django.Format]string{django.FormatModern: "modern", django.FormatPre31: "pre31"}[s.SessionFormat])
	if s.ReadOlderFormats {
		set("read-older-formats", "true")
	}
	set("session-cookie-age", strconv.FormatInt(s.SessionCookieAge, 10))
	set("session-serializer", shortSerializer(s.SessionSerializer))
	set("session-store-class", s.SessionStoreClass)
	switch app, _, _ := strings.Cut(s.SessionModel.Label, "."); app {
	case "user_sessions", "qsessions":
		set("session-model", app)
	}
	set("table", s.SessionModel.Table)
	if s.SessionModel.KeyLength > 0 {
		set("key-length", strconv.Itoa(s.SessionModel.KeyLength))
	}
	list("authentication-backends", s.AuthenticationBackends)
	list("password-hashers", s.PasswordHashers)
	userFlags(s.UserModel, set)
	return values
}

// fileEngine returns the engine of Django's whose sessions the site has, if the settings tell it.
func fileEngine(s django.Settings) string {
	return engines.Django(cmp.Or(s.SessionEngineBase, s.SessionEngine))
}

// databaseAlias returns which of DATABASES the command connects to: that of the sessions, or of
// the users if the sessions are in none.
func databaseAlias(s django.Settings) string {
	switch fileEngine(s) {
	case django.EngineCache, django.EngineFile, django.EngineSignedCookies:
		return cmp.Or(s.UserModel.Database, "default")
	}
	return cmp.Or(s.SessionModel.Database, "default")
}

// jsonList returns texts as a settings file has them: one that is not UTF-8 is in base64.
func jsonList(texts []string) string {
	items := make([]any, len(texts))
	for i, text := range texts {
		if items[i] = text; !utf8.ValidString(text) {
			items[i] = map[string][]byte{"BASE64": []byte(text)}
		}
	}
	list, err := json.Marshal(items)
	noError(err)
	return string(list)
}

// userFlags sets the flags of the user model.
func userFlags(m django.UserModel, set func(flag, value string)) {
	if m.Table == "" {
		return
	}
	set("user-table", m.Table)
	set("user-key", m.Key)
	if m.Columns == nil {
		return
	}
	set("user-id-column", m.Columns["id"])
	set("username-column", m.Columns["username"])
	set("user-password-column", m.Columns["password"])
	set("user-active-column", cmp.Or(m.Columns["is_active"], noColumn))
}
