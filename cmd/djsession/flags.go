package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// setting is a flag and the environment variable that it overrides.
type setting struct {
	flag, env string
	value     string // what the flag's value is called in the help
	group     group
	help      string
	choices   []cobra.Completion
}

// group is a group of settings; each command uses some groups.
type group string

const (
	groupSigning  group = "signing"  // the format of session_data
	groupDatabase group = "database" // where the sessions are
	groupExpiry   group = "expiry"   // how long a session lives when it is saved
	groupUsers    group = "users"    // where the users are
	groupLogins   group = "logins"   // who counts as logged in
	groupPassword group = "password" // how passwords are checked
)

// settings are the flags of all commands, in the order of the help.
var settings = []setting{
	{flag: "secret-key", env: "DJANGO_SECRET_KEY", value: "KEY", group: groupSigning, help: "the site's SECRET_KEY; other users of this machine can see a flag, so prefer the variable or the file"},
	{flag: "secret-key-file", env: "DJANGO_SECRET_KEY_FILE", value: "FILE", group: groupSigning, help: "a file with the SECRET_KEY; one line break at its end is ignored"},
	{flag: "secret-key-fallbacks", env: "DJANGO_SECRET_KEY_FALLBACKS", value: "KEYS", group: groupSigning, help: "SECRET_KEY_FALLBACKS, separated by commas; other users can see a flag"},
	{flag: "database-url", env: "DATABASE_URL", value: "URL", group: groupDatabase, help: "the site's database; other users can see a password in a flag"},
	{flag: "use-tz", env: "DJANGO_USE_TZ", value: "BOOL", group: groupDatabase, help: "USE_TZ; for SQLite and MySQL, commands that change sessions require it and others assume True", choices: []cobra.Completion{"True", "False"}},
	{flag: "time-zone", env: "DJANGO_TIME_ZONE", value: "ZONE", group: groupDatabase, help: "TIME_ZONE; required if USE_TZ is False"},
	{flag: "database-time-zone", env: "DJANGO_DATABASE_TIME_ZONE", value: "ZONE", group: groupDatabase, help: "TIME_ZONE of the entry in DATABASES, if it has one"},
	{flag: "django-version", env: "DJANGO_VERSION", value: "VERSION", group: groupSigning, help: "the site's Django, such as 4.2; default the newest"},
	{flag: "session-format", env: "DJANGO_SESSION_FORMAT", value: "FORMAT", group: groupSigning, help: "format to write: modern, or pre31 for Django 2.2, 3.0 and sites with DEFAULT_HASHING_ALGORITHM = 'sha1'; default that of the Django version", choices: []cobra.Completion{"modern", "pre31"}},
	{flag: "read-older-formats", env: "DJANGO_READ_OLDER_FORMATS", group: groupSigning, help: "read also formats that the site's Django no longer reads"},
	{flag: "session-cookie-age", env: "DJANGO_SESSION_COOKIE_AGE", value: "SECONDS", group: groupExpiry, help: "SESSION_COOKIE_AGE; default 1209600, two weeks"},
	{flag: "session-store-class", env: "DJANGO_SESSION_STORE_CLASS", value: "NAME", group: groupSigning, help: "class name of the site's session store; default SessionStore"},
	{flag: "table", env: "DJANGO_SESSION_TABLE", value: "TABLE", group: groupDatabase, help: "table of the sessions (db_table); default django_session, or that of the session model"},
	{flag: "session-model", env: "DJANGO_SESSION_MODEL", value: "MODEL", group: groupDatabase, help: "session model of another package: user_sessions (django-user-sessions) or qsessions (django-qsessions)", choices: []cobra.Completion{"user_sessions", "qsessions"}},
	{flag: "key-length", env: "DJANGO_SESSION_KEY_LENGTH", value: "N", group: groupDatabase, help: "length of the column session_key; default 40"},
	{flag: "authentication-backends", env: "DJANGO_AUTHENTICATION_BACKENDS", value: "PATHS", group: groupLogins, help: "AUTHENTICATION_BACKENDS, separated by commas; default Django's ModelBackend"},
	{flag: "password-hashers", env: "DJANGO_PASSWORD_HASHERS", value: "PATHS", group: groupPassword, help: "PASSWORD_HASHERS, separated by commas; default all of Django's"},
	{flag: "user-table", env: "DJANGO_USER_TABLE", value: "TABLE", group: groupUsers, help: "table of the user model; default auth_user"},
	{flag: "user-key", env: "DJANGO_USER_KEY", value: "TYPE", group: groupUsers, help: "type of the user model's primary key: int, uuid or text; default int", choices: []cobra.Completion{"int", "uuid", "text"}},
	{flag: "user-id-column", env: "DJANGO_USER_ID_COLUMN", value: "COLUMN", group: groupUsers, help: "column of the primary key; default id"},
	{flag: "username-column", env: "DJANGO_USERNAME_COLUMN", value: "COLUMN", group: groupUsers, help: "column of USERNAME_FIELD; default username"},
	{flag: "user-password-column", env: "DJANGO_USER_PASSWORD_COLUMN", value: "COLUMN", group: groupUsers, help: "column of the password field; default password"},
	{flag: "user-active-column", env: "DJANGO_USER_ACTIVE_COLUMN", value: "COLUMN", group: groupLogins, help: "column of is_active; none if the model has no such field and every user is active; default is_active"},
	{flag: "auth-hash-salt", env: "DJANGO_AUTH_HASH_SALT", value: "SALT", group: groupLogins, help: "key_salt in the user model's own get_session_auth_hash; default Django's"},
	{flag: "auth-hash-value", env: "DJANGO_AUTH_HASH_VALUE", value: "VALUE", group: groupLogins, help: "its value, with columns in braces, such as '{password}:{auth_version}'; default the password"},
	{flag: "auth-hash-algorithm", env: "DJANGO_AUTH_HASH_ALGORITHM", value: "NAME", group: groupLogins, help: "its algorithm: sha256, or sha1 if it names none; default sha256", choices: []cobra.Completion{"sha256", "sha1"}},
}

// settingOf returns the setting with this flag.
func settingOf(flag string) setting {
	i := slices.IndexFunc(settings, func(s setting) bool { return s.flag == flag })
	if i < 0 {
		panic("no setting " + flag)
	}
	return settings[i]
}

// engines are the values of --engine, and whether they are supported.
var engines = map[string]bool{"db": true, "cached_db": false, "cache": false, "file": false, "signed_cookies": false}

// addSettingFlags adds the flags of all settings to every command, so that a script can
// pass the same flags to each. See [hideUnused] for the help.
func addSettingFlags(root *cobra.Command) {
	flags := root.PersistentFlags()
	flags.SortFlags = false
	flags.Var(&flagValue{"db", "ENGINE"}, "engine", "session engine, the last part of SESSION_ENGINE; only db is supported")
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

// noError panics if err is not nil, which would be a bug in this program.
func noError(err error) {
	if err != nil {
		panic(err)
	}
}

const groupsAnnotation = "settings"

// using is the annotation of a command that uses these groups of settings.
func using(groups ...group) map[string]string {
	var names []string
	for _, g := range groups {
		names = append(names, string(g))
	}
	return map[string]string{groupsAnnotation: strings.Join(names, " ")}
}

// uses reports whether a command uses a setting.
func uses(cmd *cobra.Command, flag string) bool {
	return slices.Contains(strings.Fields(cmd.Annotations[groupsAnnotation]), string(settingOf(flag).group))
}

// hideUnused hides from help and completion the flags that the command in args
// does not use. The help of the program shows all flags.
func hideUnused(root *cobra.Command, args []string) {
	if len(args) > 0 && slices.Contains([]string{cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}, args[0]) {
		args = args[1:]
	}
	cmd, rest, err := root.Find(args)
	if err == nil && cmd.Name() == "help" {
		cmd, _, err = root.Find(rest)
	}
	if err != nil || cmd == root {
		return
	}
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "engine" {
			f.Hidden = cmd.Annotations[groupsAnnotation] == ""
		} else {
			f.Hidden = !uses(cmd, f.Name)
		}
	})
}
