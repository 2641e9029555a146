package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
)

// inputs reads settings from flags and environment.
type inputs struct {
	cmd    *cobra.Command
	getenv func(string) string
	target bool // those of copy's target, which are the source's if they are not set
	file   settingsFile
}

// source is a place where a setting may be set.
type source func(s setting) (value string, set bool)

// sources returns where to look for settings: the first that has one counts.
func (in inputs) sources() []source {
	flag := func(s setting) (string, bool) { f := in.cmd.Flag(s.flag); return f.Value.String(), f.Changed }
	env := func(s setting) (string, bool) { v := in.getenv(s.env); return v, v != "" && v != `""` }
	file := func(s setting) (string, bool) { v, ok := in.file.values[s.flag]; return v, ok }
	if !in.target {
		return []source{flag, env, file}
	}
	of := func(look source) source { return func(s setting) (string, bool) { return look(s.ofTarget()) } }
	return []source{of(flag), of(env), flag, env, file}
}

// get returns a setting and whether it is set. An empty variable and a setting that the
// command does not use count as unset, and so does an empty flag of copy's target, for
// Django's default.
func (in inputs) get(flag string) (value string, set bool) {
	if !in.uses(flag) {
		return "", false
	}
	for _, look := range in.sources() {
		if value, set = look(settingOf(flag)); set {
			return value, value != "" || !in.target
		}
	}
	return "", false
}

// flagGiven reports whether the command line has the flag of a setting.
func (in inputs) flagGiven(flag string) bool {
	_, given := in.sources()[0](settingOf(flag))
	return given && in.uses(flag)
}

// uses reports whether the command uses a setting. Clearsessions reads sessions only if
// they are files.
func (in inputs) uses(flag string) bool {
	if settingOf(flag).group == groupSigning && in.cmd.Name() == "clearsessions" {
		engine, err := in.engine()
		return err == nil && engine == "file"
	}
	return uses(in.cmd, flag)
}

// list returns a setting's values, which have no blanks: a JSON list, or separated by commas or
// blanks.
func (in inputs) list(flag string) (values []string, set bool) {
	text, set := in.get(flag)
	if strings.HasPrefix(text, "[") && json.Unmarshal([]byte(text), &values) == nil {
		return values, set && len(values) > 0
	}
	values = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	return values, set && len(values) > 0
}

// fromFile reports whether a setting is that of the settings file.
func (in inputs) fromFile(flag string) bool {
	sources := in.sources()
	for i, look := range sources {
		if _, set := look(settingOf(flag)); set {
			return i == len(sources)-1
		}
	}
	return false
}

// where names the variable and the flag of a setting, for messages.
func where(flag string) string {
	return settingOf(flag).env + " (or --" + flag + ")"
}

// djangoSettings returns the site's settings, with Django's defaults for those
// that are not set.
func (a *app) djangoSettings(in inputs) (django.Settings, error) {
	set := in.file.settings()
	engine, err := in.engine()
	if err != nil {
		return set, err
	}
	set.SessionEngine, set.SessionEngineBase = djangoEngine(engine), ""
	if model, _ := in.get("session-model"); engine == "cached_db" && model == "qsessions" {
		set.SessionEngine = "qsessions.backends.cached_db" // which has keys of its own in the cache
	}
	if needsKey(in, engine) {
		set.SecretKey, err = in.secretKey()
	} else {
		set.SecretKey = rand.Text() // required by django.New, but not used
	}
	if err != nil {
		return set, err
	}
	a.secrets.add(set.SecretKey)
	if fallbacks, ok := in.get("secret-key-fallbacks"); ok && fallbacks != "" {
		set.SecretKeyFallbacks = splitKeys(fallbacks)
		a.secrets.add(set.SecretKeyFallbacks...)
	}
	if backends, ok := in.list("authentication-backends"); ok {
		set.AuthenticationBackends = backends
	}
	if err := in.times(&set); err != nil {
		return set, err
	}
	if err := in.formats(&set); err != nil {
		return set, err
	}
	if err := set.Validate(); err != nil {
		return set, err
	}
	return set, nil
}

// splitKeys returns the keys in a JSON list, or separated by commas, as django.LoadSettings
// reads them from the environment. An empty one stays, for Validate to refuse.
func splitKeys(text string) (keys []string) {
	if strings.HasPrefix(strings.TrimSpace(text), "[") {
		if s, err := django.ParseSettings([]byte(`{"DJSESSION_SETTINGS": 1, "SECRET_KEY_FALLBACKS": ` + text + "}")); err == nil {
			return s.SecretKeyFallbacks
		}
	}
	for key := range strings.SplitSeq(text, ",") {
		keys = append(keys, strings.TrimSpace(key))
	}
	return keys
}

// secretKey returns SECRET_KEY. A flag overrides both variables.
func (in inputs) secretKey() (string, error) {
	var key, file string
	var given, inFile bool
	for _, look := range in.sources() {
		key, given = look(settingOf("secret-key"))
		file, inFile = look(settingOf("secret-key-file"))
		if given || inFile {
			break
		}
	}
	switch {
	case given && inFile:
		return "", errors.New("the secret key and a file with it are both set; set one of them")
	case inFile:
		content, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("the file of %s cannot be read: %w", where("secret-key-file"), err)
		}
		key = strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	}
	if key == "" {
		return "", fmt.Errorf("no secret key; set %s or %s to the site's SECRET_KEY", where("secret-key"), where("secret-key-file"))
	}
	return key, nil
}

func (in inputs) times(set *django.Settings) (err error) {
	if set.UseTZ, err = in.bool("use-tz"); err != nil {
		return err
	}
	set.TimeZone, _ = in.get("time-zone")
	if set.UseTZ != nil && !*set.UseTZ {
		if set.TimeZone == "" {
			return fmt.Errorf("USE_TZ is False: set %s to the site's TIME_ZONE (Django's own default is America/Chicago)", where("time-zone"))
		}
		if zone, _ := in.get("database-time-zone"); zone != "" {
			return fmt.Errorf("%s is for sites with USE_TZ = True", where("database-time-zone"))
		}
	}
	if text, ok := in.get("session-cookie-age"); ok {
		set.SessionCookieAge, err = strconv.ParseInt(text, 10, 64)
		if err != nil || set.SessionCookieAge <= 0 {
			return fmt.Errorf("%s must be a positive number of seconds", where("session-cookie-age"))
		}
	}
	return nil
}

// shortSerializer returns the choice for a SESSION_SERIALIZER of Django's.
func shortSerializer(path string) string {
	switch path {
	case pickleSerializer:
		return "pickle"
	case "django.contrib.sessions.serializers.JSONSerializer", "django.core.signing.JSONSerializer":
		return "json"
	}
	return path
}

const pickleSerializer = "django.contrib.sessions.serializers.PickleSerializer"

func (in inputs) formats(set *django.Settings) error {
	set.DjangoVersion, _ = in.get("django-version")
	format, err := in.choice("session-format")
	if err != nil {
		return err
	}
	set.SessionFormat = map[string]django.Format{"modern": django.FormatModern, "pre31": django.FormatPre31}[format]
	serializer, err := in.choice("session-serializer")
	if err != nil {
		return err
	}
	if serializer == "pickle" {
		set.SessionSerializer = pickleSerializer
	}
	older, err := in.bool("read-older-formats")
	if err != nil {
		return err
	}
	set.ReadOlderFormats = older != nil && *older
	set.SessionFilePath, _ = in.get("session-file-path")
	if name, ok := in.get("session-cookie-name"); ok {
		set.SessionCookieName = name
	}
	if class, ok := in.get("session-store-class"); ok {
		set.SessionStoreClass = class
	}
	return nil
}

// choice returns a setting that must have one of its choices, or "" if it is not set.
func (in inputs) choice(flag string) (string, error) {
	value, ok := in.get(flag)
	choices := settingOf(flag).choices
	if flag == "session-serializer" {
		value = shortSerializer(value)
	}
	if ok && !slices.Contains(choices, value) {
		last := len(choices) - 1
		return "", fmt.Errorf("%s must be %s or %s", where(flag), strings.Join(choices[:last], ", "), choices[last])
	}
	return value, nil
}

// bool returns a setting that is true or false, or nil if it is not set.
func (in inputs) bool(flag string) (*bool, error) {
	text, ok := in.get(flag)
	if !ok {
		return nil, nil
	}
	value, ok := parseBool(text)
	if !ok {
		return nil, fmt.Errorf("%s must be True or False", where(flag))
	}
	return &value, nil
}

// parseBool reads Python's True and False, and what is usual in environment variables.
func parseBool(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "true", "1", "yes", "on":
		return true, true
	case "false", "0", "no", "off":
		return false, true
	}
	return false, false
}
