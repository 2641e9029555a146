package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
)

// setting is a flag and the environment variable that it overrides.
type setting struct {
	flag, env string
	value     string // what the flag's value is called in the help
	help      string
	choices   []cobra.Completion
}

// settings are the flags that all commands share, in the order of the help.
var settings = []setting{
	{flag: "secret-key", env: "DJANGO_SECRET_KEY", value: "KEY", help: "the site's SECRET_KEY; other users of this machine can see it here, so prefer the variable or the file"},
	{flag: "secret-key-file", env: "DJANGO_SECRET_KEY_FILE", value: "FILE", help: "a file with the SECRET_KEY; one line break at its end does not count"},
	{flag: "secret-key-fallbacks", env: "DJANGO_SECRET_KEY_FALLBACKS", value: "KEYS", help: "SECRET_KEY_FALLBACKS, separated by commas; visible to others here, too"},
	{flag: "database-url", env: "DATABASE_URL", value: "URL", help: "the site's database; a password in it is visible to others here, too"},
	{flag: "use-tz", env: "DJANGO_USE_TZ", value: "BOOL", help: "USE_TZ; True if unsaid", choices: []cobra.Completion{"True", "False"}},
	{flag: "time-zone", env: "DJANGO_TIME_ZONE", value: "ZONE", help: "TIME_ZONE; must be said if USE_TZ is False"},
	{flag: "database-time-zone", env: "DJANGO_DATABASE_TIME_ZONE", value: "ZONE", help: "TIME_ZONE of the entry in DATABASES, if it has one"},
	{flag: "django-version", env: "DJANGO_VERSION", value: "VERSION", help: "the site's Django, such as 4.2; the newest if unsaid"},
	{flag: "session-format", env: "DJANGO_SESSION_FORMAT", value: "FORMAT", help: "format to write: modern, or pre31 for Django 2.2, 3.0 and sites with DEFAULT_HASHING_ALGORITHM = 'sha1'; what the Django writes if unsaid", choices: []cobra.Completion{"modern", "pre31"}},
	{flag: "read-older-formats", env: "DJANGO_READ_OLDER_FORMATS", help: "also read formats that the site's Django no longer reads"},
	{flag: "session-cookie-age", env: "DJANGO_SESSION_COOKIE_AGE", value: "SECONDS", help: "SESSION_COOKIE_AGE; 1209600, two weeks, if unsaid"},
	{flag: "session-store-class", env: "DJANGO_SESSION_STORE_CLASS", value: "NAME", help: "class name of the site's session store; SessionStore if unsaid"},
	{flag: "table", env: "DJANGO_SESSION_TABLE", value: "TABLE", help: "table of the sessions; django_session if unsaid"},
	{flag: "authentication-backends", env: "DJANGO_AUTHENTICATION_BACKENDS", value: "PATHS", help: "AUTHENTICATION_BACKENDS, separated by commas; Django's ModelBackend if unsaid"},
	{flag: "password-hashers", env: "DJANGO_PASSWORD_HASHERS", value: "PATHS", help: "PASSWORD_HASHERS, separated by commas; every one of Django's if unsaid"},
	{flag: "user-table", env: "DJANGO_USER_TABLE", value: "TABLE", help: "table of the user model; auth_user if unsaid"},
	{flag: "user-key", env: "DJANGO_USER_KEY", value: "TYPE", help: "type of the user model's primary key: int, uuid or text; int if unsaid", choices: []cobra.Completion{"int", "uuid", "text"}},
	{flag: "user-id-column", env: "DJANGO_USER_ID_COLUMN", value: "COLUMN", help: "column of that key; id if unsaid"},
	{flag: "username-column", env: "DJANGO_USERNAME_COLUMN", value: "COLUMN", help: "column of USERNAME_FIELD; username if unsaid"},
}

// engines are the values of --engine; those that are true are supported.
var engines = map[string]bool{"db": true, "cached_db": false, "cache": false, "file": false, "signed_cookies": false}

func addSettingFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.SortFlags = false
	flags.Var(&flagValue{"db", "ENGINE"}, "engine", "session engine, the last part of SESSION_ENGINE; only db so far")
	noError(root.RegisterFlagCompletionFunc("engine", cobra.FixedCompletions([]cobra.Completion{"db"}, cobra.ShellCompDirectiveNoFileComp)))
	for _, s := range settings {
		if s.value == "" {
			flags.Bool(s.flag, false, s.help+" ["+s.env+"]")
			continue
		}
		flags.Var(&flagValue{"", s.value}, s.flag, s.help+" ["+s.env+"]")
		if s.flag == "secret-key-file" {
			continue // file names
		}
		noError(root.RegisterFlagCompletionFunc(s.flag, cobra.FixedCompletions(s.choices, cobra.ShellCompDirectiveNoFileComp)))
	}
}

// flagValue is a string flag with a name for its value in the help.
type flagValue struct{ text, name string }

func (v *flagValue) String() string { return v.text }
func (v *flagValue) Type() string   { return v.name }
func (v *flagValue) Set(text string) error {
	v.text = text
	return nil
}

// noError is for what fails only if this program is wrong.
func noError(err error) {
	if err != nil {
		panic(err)
	}
}

// inputs reads settings from flags and environment.
type inputs struct {
	cmd    *cobra.Command
	getenv func(string) string
}

// get returns a setting and whether it was said. A variable that is empty says
// nothing.
func (in inputs) get(flag string) (value string, said bool) {
	if value, said = in.flag(flag); said {
		return value, true
	}
	value = in.env(flag)
	return value, value != ""
}

// list returns a setting's values, which stand between commas.
func (in inputs) list(flag string) (values []string, said bool) {
	text, said := in.get(flag)
	for value := range strings.SplitSeq(text, ",") {
		if value = strings.TrimSpace(value); value != "" {
			values = append(values, value)
		}
	}
	return values, said && len(values) > 0
}

func (in inputs) flag(name string) (value string, said bool) {
	f := in.cmd.Flag(name)
	return f.Value.String(), f.Changed
}

func (in inputs) env(flag string) string {
	for _, s := range settings {
		if s.flag == flag {
			return in.getenv(s.env)
		}
	}
	panic("no setting " + flag)
}

// where names a setting in messages, both ways.
func where(flag string) string {
	for _, s := range settings {
		if s.flag == flag {
			return s.env + " (or --" + flag + ")"
		}
	}
	panic("no setting " + flag)
}

// djangoSettings returns the site's settings as far as they were said.
func (a *app) djangoSettings(cmd *cobra.Command) (django.Settings, error) {
	in := inputs{cmd, a.getenv}
	set := django.DefaultSettings()
	engine, _ := in.flag("engine")
	if supported, known := engines[engine]; !known {
		return set, errors.New("--engine is one of db, cached_db, cache, file and signed_cookies")
	} else if !supported {
		return set, fmt.Errorf("--engine %s is not supported yet; db is", engine)
	}
	var err error
	if set.SecretKey, err = in.secretKey(); err != nil {
		return set, err
	}
	a.secrets.add(set.SecretKey)
	if fallbacks, said := in.get("secret-key-fallbacks"); said && fallbacks != "" {
		set.SecretKeyFallbacks = strings.Split(fallbacks, ",")
		a.secrets.add(set.SecretKeyFallbacks...)
	}
	if backends, said := in.list("authentication-backends"); said {
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

// secretKey takes what the flags say, or else what the environment says.
func (in inputs) secretKey() (string, error) {
	key, said := in.flag("secret-key")
	file, inFile := in.flag("secret-key-file")
	if !said && !inFile {
		key, file = in.env("secret-key"), in.env("secret-key-file")
		said, inFile = key != "", file != ""
	}
	switch {
	case said && inFile:
		return "", errors.New("the secret key and a file with it are both given; give one")
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

func (in inputs) times(set *django.Settings) error {
	if text, said := in.get("use-tz"); said {
		useTZ, ok := parseBool(text)
		if !ok {
			return fmt.Errorf("%s must be True or False", where("use-tz"))
		}
		set.UseTZ = &useTZ
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
	if text, said := in.get("session-cookie-age"); said {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds <= 0 {
			return fmt.Errorf("%s must be a positive number of seconds", where("session-cookie-age"))
		}
		set.SessionCookieAge = seconds
	}
	return nil
}

func (in inputs) formats(set *django.Settings) error {
	set.DjangoVersion, _ = in.get("django-version")
	switch format, said := in.get("session-format"); {
	case !said:
	case format == "modern":
		set.SessionFormat = django.FormatModern
	case format == "pre31":
		set.SessionFormat = django.FormatPre31
	default:
		return fmt.Errorf("%s must be modern or pre31", where("session-format"))
	}
	if text, said := in.get("read-older-formats"); said {
		older, ok := parseBool(text)
		if !ok {
			return fmt.Errorf("%s must be True or False", where("read-older-formats"))
		}
		set.ReadOlderFormats = older
	}
	if class, said := in.get("session-store-class"); said {
		set.SessionStoreClass = class
	}
	return nil
}

// parseBool takes Python's words and those usual in the environment.
func parseBool(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "true", "1", "yes", "on":
		return true, true
	case "false", "0", "no", "off":
		return false, true
	}
	return false, false
}
