package main

import (
	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
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
	groupFile     group = "file"     // of every command that uses settings
	groupEngine   group = "engine"   // the same
	groupSigning  group = "signing"  // the format of a stored session
	groupSessions group = "sessions" // where the sessions are, and how long they live
	groupUsers    group = "users"    // where the users are
	groupLogins   group = "logins"   // who counts as logged in
	groupPassword group = "password" // how passwords are checked
	groupImport   group = "import"   // of the command settings, which uses the Django version only
)

// settings are the flags of all commands, in the order of the help.
var settings = []setting{
	{flag: "settings", env: django.SettingsVariable, value: "FILE", group: groupFile, help: "settings file that djsession settings made; variables and flags override it"},
	{flag: "engine", env: "DJANGO_SESSION_ENGINE", value: "ENGINE", group: groupEngine, help: "SESSION_ENGINE, or its last part: db, cached_db, cache, file or signed_cookies; default db", choices: engineNames},
	{flag: "secret-key", env: "DJANGO_SECRET_KEY", value: "KEY", group: groupSigning, help: "the site's SECRET_KEY; other users of this machine can see a flag, so prefer the variable or the file"},
	{flag: "secret-key-file", env: "DJANGO_SECRET_KEY_FILE", value: "FILE", group: groupSigning, help: "a file with the SECRET_KEY; one line break at its end is ignored"},
	{flag: "secret-key-fallbacks", env: "DJANGO_SECRET_KEY_FALLBACKS", value: "KEYS", group: groupSigning, help: "SECRET_KEY_FALLBACKS, separated by commas; other users can see a flag"},
	{flag: "database-url", env: "DATABASE_URL", value: "URL", group: groupSessions, help: "the site's database, of sessions and users; other users can see a password in a flag"},
	{flag: "cache-url", env: "CACHE_URL", value: "URL", group: groupSessions, help: "the cache of the engines cache and cached_db, such as redis://host:6379/0 or memcached://host:11211; other users can see a password in a flag"},
	{flag: "cache-key-prefix", env: "DJANGO_CACHE_KEY_PREFIX", value: "PREFIX", group: groupSessions, help: "KEY_PREFIX of the cache; default empty"},
	{flag: "cache-version", env: "DJANGO_CACHE_VERSION", value: "N", group: groupSessions, help: "VERSION of the cache; default 1"},
	{flag: "cache-serializer", env: "DJANGO_CACHE_SERIALIZER", value: "NAME", group: groupSigning, help: "SERIALIZER of django-redis: pickle, json or msgpack; default pickle, which all other caches use", choices: []cobra.Completion{"pickle", "json", "msgpack"}},
	{flag: "cache-compressor", env: "DJANGO_CACHE_COMPRESSOR", value: "NAME", group: groupSigning, help: "COMPRESSOR of django-redis: zlib, gzip, lz4, zstd or lzma; default none", choices: []cobra.Completion{"zlib", "gzip", "lz4", "zstd", "lzma"}},
	{flag: "session-file-path", env: "DJANGO_SESSION_FILE_PATH", value: "DIR", group: groupSessions, help: "SESSION_FILE_PATH of the engine file; default the system's temporary directory"},
	{flag: "session-cookie-name", env: "DJANGO_SESSION_COOKIE_NAME", value: "NAME", group: groupSessions, help: "SESSION_COOKIE_NAME, with which the names of the engine file's files begin; default sessionid"},
	{flag: "use-tz", env: "DJANGO_USE_TZ", value: "BOOL", group: groupSessions, help: "USE_TZ; for SQLite and MySQL, commands that change sessions require it and others assume True", choices: []cobra.Completion{"True", "False"}},
	{flag: "time-zone", env: "DJANGO_TIME_ZONE", value: "ZONE", group: groupSessions, help: "TIME_ZONE; required if USE_TZ is False"},
	{flag: "database-time-zone", env: "DJANGO_DATABASE_TIME_ZONE", value: "ZONE", group: groupSessions, help: "TIME_ZONE of the entry in DATABASES, if it has one"},
	{flag: "django-version", env: "DJANGO_VERSION", value: "VERSION", group: groupSigning, help: "the site's Django, such as 4.2; default the newest"},
	{flag: "session-format", env: "DJANGO_SESSION_FORMAT", value: "FORMAT", group: groupSigning, help: "format to write: modern, or pre31 for Django 2.2, 3.0 and sites with DEFAULT_HASHING_ALGORITHM = 'sha1'; default that of the Django version", choices: []cobra.Completion{"modern", "pre31"}},
	{flag: "read-older-formats", env: "DJANGO_READ_OLDER_FORMATS", group: groupSigning, help: "read also formats that the site's Django no longer reads"},
	{flag: "session-cookie-age", env: "DJANGO_SESSION_COOKIE_AGE", value: "SECONDS", group: groupSessions, help: "SESSION_COOKIE_AGE; default 1209600, two weeks"},
	{flag: "session-serializer", env: "DJANGO_SESSION_SERIALIZER", value: "NAME", group: groupSigning, help: "SESSION_SERIALIZER: json, or pickle for PickleSerializer of Django before 5.0; default json", choices: []cobra.Completion{"json", "pickle"}},
	{flag: "session-store-class", env: "DJANGO_SESSION_STORE_CLASS", value: "NAME", group: groupSigning, help: "class name of the site's session store; default SessionStore"},
	{flag: "table", env: "DJANGO_SESSION_TABLE", value: "TABLE", group: groupSessions, help: "table of the sessions (db_table); default django_session, or that of the session model"},
	{flag: "session-model", env: "DJANGO_SESSION_MODEL", value: "MODEL", group: groupSessions, help: "session model of another package: user_sessions (django-user-sessions) or qsessions (django-qsessions)", choices: []cobra.Completion{"user_sessions", "qsessions"}},
	{flag: "key-length", env: "DJANGO_SESSION_KEY_LENGTH", value: "N", group: groupSessions, help: "length of the column session_key; default 40"},
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
