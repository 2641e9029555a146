package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/databaseurl"
)

// checkSettings reads the settings of the service.
func (d *doctor) checkSettings(context.Context) (found []diagnosis) {
	in, err := d.inputs(d.cmd)
	if err != nil {
		return fail("settings-file", err.Error(), "make the file with djsession settings --manage path/to/manage.py --output "+d.cmd.Flag("settings").Value.String())
	}
	if in.file.name == "" && d.theirs != nil {
		in.file = settingsFile{values: flagValues(*d.theirs), django: d.theirs}
	}
	d.in, d.s.in = in, in
	set, err := d.djangoSettings(in)
	if err != nil {
		problem, change := "settings-invalid", "correct the setting that the message names"
		if strings.HasPrefix(err.Error(), "no secret key") {
			problem, change = "secret-key-missing", "take SECRET_KEY from the site: djsession settings --manage path/to/manage.py --output djsession.json, then --settings djsession.json"
		}
		return fail(problem, err.Error(), change)
	}
	d.s.engine, _ = in.engine() // djangoSettings has checked it
	if set.UseTZ == nil && d.naiveTimes() {
		found = failLocal("use-tz-missing", "USE_TZ is not set, and the database stores times without a zone: sessions would end hours too early or too late",
			"set "+d.place("use-tz")+" to USE_TZ of settings.py; Django's default is True from 5.0 on, and False before")
		set.UseTZ = new(true)
		d.set = set
		return found
	}
	d.set = set
	if info, err := os.Stat(in.file.name); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o004 != 0 && in.file.values["secret-key"] != "" {
		return warn("settings-file-readable", fmt.Sprintf("every user of this machine can read %q, in which the secret key is", in.file.name), "chmod 600 "+in.file.name)
	}
	from := "from flags and environment"
	switch {
	case d.settingsGiven():
		from = fmt.Sprintf("from %q, flags and environment", in.file.name)
	case d.theirs != nil:
		from = "from the site, flags and environment"
	}
	return passed("SESSION_ENGINE %s, for Django %s; %s", d.s.engine, versionOf(set), from)
}

// versionOf returns the version of Django that the settings mean.
func versionOf(set django.Settings) string {
	if set.DjangoVersion == "" {
		return newestDjango() + " (assumed: DJANGO_VERSION is not set)"
	}
	return set.DjangoVersion
}

// newestDjango is the version that an empty DJANGO_VERSION means.
func newestDjango() string {
	set := django.DefaultSettings()
	set.SecretKey = "unused"
	codec, err := django.NewCodec(set, nil)
	noError(err)
	return codec.Settings().DjangoVersion
}

// naiveTimes reports whether the sessions' times are stored without a zone.
func (d *doctor) naiveTimes() bool {
	text, _ := d.in.get("database-url")
	u, err := databaseurl.Parse(text)
	return err == nil && u.Engine != databaseurl.PostgreSQL && (d.s.engine == "db" || d.s.engine == "cached_db")
}

// fileNames are the names of settings in a settings file, where they are not those of the
// variables without DJANGO_.
var fileNames = map[string]string{
	"database-url": "DATABASES", "database-time-zone": "DATABASES", "cache-url": "CACHES", "cache-key-prefix": "CACHES", "cache-version": "CACHES",
	"cache-serializer": "CACHES", "cache-compressor": "CACHES", "table": "SESSION_MODEL", "key-length": "SESSION_MODEL", "session-model": "SESSION_MODEL",
	"user-table": "USER_MODEL", "user-key": "USER_MODEL", "user-id-column": "USER_MODEL", "username-column": "USER_MODEL",
	"user-password-column": "USER_MODEL", "user-active-column": "USER_MODEL", "django-version": "DJANGO_VERSION", "secret-key-file": "SECRET_KEY",
}

// settingName returns the name of a setting in a settings file.
func settingName(flag string) string {
	if name, ok := fileNames[flag]; ok {
		return name
	}
	return strings.TrimPrefix(settingOf(flag).env, "DJANGO_")
}

// place names where a setting is set, or is to be set: the flag, the variable, or the file.
func (d *doctor) place(flag string) string {
	s := settingOf(flag)
	sources := d.in.sources()
	if _, given := sources[0](s); given {
		return "--" + flag
	}
	if _, given := sources[1](s); given {
		return s.env
	}
	if _, given := d.in.file.values[flag]; given && d.settingsGiven() {
		return fmt.Sprintf("%s in %q", settingName(flag), d.in.file.name)
	} else if given {
		return settingName(flag) + " in the site's settings.py"
	}
	return s.env
}

// placeOf is place for a setting that no flag has, such as SESSION_COOKIE_DOMAIN.
func (d *doctor) placeOf(name string) string {
	if d.settingsGiven() {
		return name + fmt.Sprintf(" in the site's settings.py (and in %q)", d.in.file.name)
	}
	return name + " in the site's settings.py"
}

// differencesOf are the settings that are compared with the site's, and the problem if they
// differ.
var differencesOf = map[string]string{
	"engine": "engine-differs", "secret-key-fallbacks": "fallbacks-differ", "database-url": "database-differs",
	"cache-url": "cache-differs", "cache-key-prefix": "cache-differs", "cache-version": "cache-differs", "cache-serializer": "cache-differs", "cache-compressor": "cache-differs",
	"session-file-path": "file-path-differs", "session-cookie-name": "cookie-name-differs", "session-cookie-age": "cookie-age-differs",
	"use-tz": "times-differ", "time-zone": "times-differ", "database-time-zone": "times-differ", "django-version": "django-version-differs",
	"session-format": "format-differs", "session-serializer": "format-differs", "session-store-class": "format-differs",
	"table": "table-differs", "session-model": "table-differs", "key-length": "table-differs",
	"authentication-backends": "backends-differ", "user-table": "users-differ", "user-key": "users-differ", "user-id-column": "users-differ",
	"username-column": "users-differ", "user-password-column": "users-differ", "user-active-column": "users-differ",
}

// defaultValues are what a setting means that is not set.
var defaultValues = map[string]string{
	"engine": "db", "cache-version": "1", "cache-serializer": "pickle", "session-cookie-name": "sessionid", "session-cookie-age": "1209600",
	"session-serializer": "json", "session-store-class": "SessionStore", "table": "django_session", "key-length": "40",
	"authentication-backends": `["django.contrib.auth.backends.ModelBackend"]`, "user-table": "auth_user", "user-key": "int", "user-id-column": "id",
	"username-column": "username", "user-password-column": "password", "user-active-column": "is_active",
}

// sameSetting reports whether two values of a setting mean the same.
func sameSetting(flag, mine, theirs string) bool {
	mine, theirs = normalized(flag, mine), normalized(flag, theirs)
	switch {
	case mine == theirs:
		return true
	case flag == "use-tz" && mine == "": // missing, and not needed
		return true
	case flag == "time-zone" && mine == "", flag == "session-format" && mine == "":
		return true
	case flag == "database-url":
		return sameDatabase(mine, theirs)
	}
	return false
}

func normalized(flag, value string) string {
	if value == "" {
		value = defaultValues[flag]
	}
	switch flag {
	case "engine":
		return shortEngine(value)
	case "session-serializer":
		return shortSerializer(value)
	case "use-tz":
		if b, ok := parseBool(value); ok {
			return strconv.FormatBool(b)
		}
	case "django-version":
		if value == "" {
			value = newestDjango()
		}
		parts := strings.SplitN(value, ".", 3)
		return strings.Join(parts[:min(len(parts), 2)], ".")
	case "authentication-backends", "secret-key-fallbacks":
		list := splitKeys(value)
		for i := range list {
			list[i] = strings.TrimSpace(list[i])
		}
		return strings.Join(list, "\x00")
	case "cache-url":
		return strings.TrimRight(value, "/")
	}
	return value
}

// sameDatabase reports whether two URLs may lead to the same database. Hosts and users may
// differ, as with a pooler: the round trip shows whether it is the same.
func sameDatabase(mine, theirs string) bool {
	a, err := databaseurl.Parse(mine)
	if err != nil {
		return false
	}
	b, err := databaseurl.Parse(theirs)
	if err != nil || a.Engine != b.Engine {
		return false
	}
	if a.Engine != databaseurl.SQLite {
		return a.Name == b.Name
	}
	x, errX := filepath.EvalSymlinks(a.Name)
	y, errY := filepath.EvalSymlinks(b.Name)
	if errX != nil || errY != nil {
		return a.Name == b.Name
	}
	x, _ = filepath.Abs(x)
	y, _ = filepath.Abs(y)
	return x == y
}

// usedByEngine reports whether the site's engine depends on a setting.
func (d *doctor) usedByEngine(flag string) bool {
	for _, group := range engineFlags {
		if slices.Contains(group.flags, flag) {
			return slices.Contains(group.engines, d.s.engine)
		}
	}
	switch flag {
	case "session-serializer":
		return d.s.engine != "cache"
	case "use-tz", "time-zone", "database-time-zone":
		return d.naiveTimes()
	}
	return true
}
