package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// checkUsers looks at the table of the users: its columns, and the rights on it.
func (d *doctor) checkUsers(ctx context.Context) []diagnosis {
	if d.s.sql == nil {
		return inapplicable("no database is named")
	}
	if err := usersElsewhere(d.in); err != nil {
		return skip("%v", err)
	}
	table := d.userTable()
	if _, err := d.columns(ctx, table); err != nil {
		switch {
		case isRefused(err):
			found := d.rightMissing(ctx, "SELECT", table)
			found[0].Status, found[0].local = markWarning, true
			found[0].Found += ": package auth cannot be used"
			return found
		case !isUndefined(err):
			return failUnexpected(err)
		}
		return d.noUserTable(ctx, table)
	}
	if _, err := d.openUsers(ctx, d.s); err != nil {
		problem, change := "user-columns", "describe the user model with DJANGO_USER_TABLE, DJANGO_USER_ID_COLUMN, DJANGO_USERNAME_COLUMN, DJANGO_USER_PASSWORD_COLUMN and DJANGO_USER_ACTIVE_COLUMN, or carry it over with djsession settings --manage"
		if strings.Contains(err.Error(), "get_session_auth_hash") {
			problem, change = "auth-hash", "describe it with DJANGO_AUTH_HASH_VALUE and DJANGO_AUTH_HASH_SALT, and in Go with auth.WithSessionAuthHash"
		}
		return failLocal(problem, err.Error(), change)
	}
	d.users = true
	dialect := d.s.sql.Dialect
	if column := d.s.users.columns.LastLogin; column != "" && !d.isSQLite() {
		statement := fmt.Sprintf("UPDATE %s SET %s = %s WHERE 1 = 0", dialect.Quote(table), dialect.QuoteColumn(column), dialect.QuoteColumn(column))
		if _, err := d.s.sql.Exec(ctx, statement); isRefused(err) {
			found := d.rightMissing(ctx, "UPDATE", table)
			found[0].Status, found[0].Found = markWarning, found[0].Found+": logins in Go cannot set last_login or passwords"
			return found
		}
	}
	return passed("table %q with the columns of the user model", table)
}

// userTable returns the table of the users.
func (d *doctor) userTable() string {
	if table, set := d.in.get("user-table"); set {
		return table
	}
	return "auth_user"
}

// noUserTable is the diagnosis for a user table that is not there. A service
// without package auth needs none.
func (d *doctor) noUserTable(ctx context.Context, table string) []diagnosis {
	if other := d.passwordTable(ctx); other != "" {
		return failLocal("user-table", fmt.Sprintf("there is no table %q, and %q has a password and last_login: the site has a user model of its own", table, other), "set "+d.place("user-table")+" to "+other)
	}
	for _, s := range d.stored {
		if s.data != nil && s.data.Has("_auth_user_id") {
			return failLocal("user-table", fmt.Sprintf("sessions have logins, and there is no table %q", table), "if the site has its own AUTH_USER_MODEL, name its table in "+d.place("user-table")+"; if users are in another database than sessions, open usertable with that one")
		}
	}
	return skip("there is no table %q, and no login in a session", table)
}

// passwordTable returns another table than that of the settings which looks like one of users, or "".
func (d *doctor) passwordTable(ctx context.Context) string {
	const columns = "column_name IN ('password', 'last_login') AND table_name <> ? AND table_schema "
	query := "SELECT table_name FROM information_schema.columns WHERE " + columns + "NOT IN ('information_schema', 'pg_catalog') GROUP BY table_name HAVING COUNT(*) = 2"
	switch d.s.sql.Dialect {
	case sqldb.MySQL:
		query = "SELECT table_name FROM information_schema.columns WHERE " + columns + "= DATABASE() GROUP BY table_name HAVING COUNT(*) = 2"
	case sqldb.SQLite:
		query = "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name IN ('password', 'last_login') AND m.name <> ? GROUP BY m.name HAVING COUNT(*) = 2"
	}
	return d.value(ctx, query, d.userTable())
}

// filledPasswordTable is passwordTable for a table that has rows.
func (d *doctor) filledPasswordTable(ctx context.Context) string {
	other := d.passwordTable(ctx)
	if other == "" || d.value(ctx, "SELECT 1 FROM "+d.s.sql.Dialect.Quote(other)+" LIMIT 1") == "" {
		return ""
	}
	return other
}

// loginReasons are why a login does not count, and what to do if none of them does.
var loginReasons = []struct {
	err                 error
	problem, found, how string
}{
	{auth.ErrUnknownBackend, "backends", "they are by a backend that is not in AUTHENTICATION_BACKENDS here", "set DJANGO_AUTHENTICATION_BACKENDS to AUTHENTICATION_BACKENDS of settings.py"},
	{auth.ErrMalformedID, "user-key", "their user ids are not of the primary key's type", "set DJANGO_USER_KEY to int, uuid or text, the type of the user model's primary key"},
	{auth.ErrNoUser, "users-other", "their users are not in the table: it is another site's, or users are in another database than sessions", "name the site's table and database, and look for DATABASE_ROUTERS"},
	{auth.ErrInactive, "user-inactive", "their users are not active", "look at is_active of these users; with a user model without the field, set DJANGO_USER_ACTIVE_COLUMN to none"},
	{auth.ErrHashMissing, "hash-missing", "they have no hash of the password: the site's user model has no get_session_auth_hash, or they were made before Django 1.10", "let these users log in again"},
	{auth.ErrHashMalformed, "hash-missing", "their hash of the password is malformed", "let these users log in again"},
	{auth.ErrHashMismatch, "auth-hash", "their hash does not match the user's password: the passwords were changed since, or the user model has its own get_session_auth_hash", "if the model has its own, describe it with DJANGO_AUTH_HASH_VALUE and DJANGO_AUTH_HASH_SALT, and in Go with auth.WithSessionAuthHash"},
}

// checkLogins looks whether the logins in the newest sessions count.
func (d *doctor) checkLogins(ctx context.Context) []diagnosis {
	if !d.users {
		return skip("the users are not known")
	}
	l, err := d.openLogins(ctx, d.s)
	if err != nil {
		return failUnexpected(err)
	}
	reasons := map[error]int{}
	logins, accepted, failed := 0, 0, []*django.Session{}
	backends := []string{}
	for _, s := range d.stored {
		if s.data == nil || !s.data.Has("_auth_user_id") {
			continue
		}
		session, err := d.s.Sessions.Load(ctx, s.key)
		if err != nil {
			continue // it has ended, or cannot be read; see sessions
		}
		logins++
		v, err := l.Inspect(ctx, session)
		switch {
		case err != nil:
			return failUnexpected(err)
		case v.Reason == nil:
			accepted++
			continue
		}
		for _, known := range loginReasons {
			if errors.Is(v.Reason, known.err) {
				reasons[known.err]++
			}
		}
		var backend string
		if value, has := s.data.Get("_auth_user_backend"); has && value.Decode(&backend) == nil && !slices.Contains(backends, backend) {
			backends = append(backends, backend)
		}
		failed = append(failed, session)
	}
	switch {
	case !slices.ContainsFunc(d.stored, func(s storedSession) bool { return s.data != nil }):
		return skip("no session can be read")
	case logins == 0:
		return skip("nobody is logged in by the newest sessions; log in at the site and run this again")
	case accepted == logins:
		return passed("%d of %s accepted: the hash of the password matches", accepted, count(logins, "login"))
	}
	return d.explainLogins(ctx, failed, reasons, logins, accepted, backends)
}

// explainLogins names the most frequent reason. It is a failure if no login counts.
func (d *doctor) explainLogins(ctx context.Context, failed []*django.Session, reasons map[error]int, logins, accepted int, backends []string) []diagnosis {
	best := loginReasons[len(loginReasons)-1]
	for _, known := range loginReasons {
		if reasons[known.err] > reasons[best.err] {
			best = known
		}
	}
	found := fmt.Sprintf("%d of %s rejected: %s", logins-accepted, count(logins, "login"), best.found)
	status, how, problem := failLocal, best.how, best.problem
	switch {
	case best.err == auth.ErrUnknownBackend && len(backends) > 0:
		found += " (" + strings.Join(backends, ", ") + ")"
	case best.err == auth.ErrHashMismatch:
		if other := d.otherHash(ctx, failed); other != nil {
			return []diagnosis{{Status: markFailure, Problem: other.problem, Found: fmt.Sprintf("%d of %s rejected: %s", logins-accepted, count(logins, "login"), other.why), Change: other.do, local: true}}
		}
	}
	switch {
	case accepted > 0 && (best.err == auth.ErrHashMismatch || best.err == auth.ErrInactive || best.err == auth.ErrNoUser):
		return passed("%d of %s accepted; of the others, %s, as happens when users change", accepted, count(logins, "login"), best.found)
	case accepted > 0 || best.err == auth.ErrInactive:
		status = warn
	case best.err == auth.ErrHashMismatch || best.err == auth.ErrNoUser:
		if other := d.filledPasswordTable(ctx); other != "" && d.theirs == nil {
			problem = "user-table"
			found += fmt.Sprintf("; the site may have a user model of its own, since %q has a password and last_login too", other)
			how = "set " + d.place("user-table") + " to " + other + " if it is the table of AUTH_USER_MODEL; else " + how
		}
	}
	return status(problem, found, how)
}

// otherHash tries the logins with other settings of which the hash depends.
func (d *doctor) otherHash(ctx context.Context, failed []*django.Session) *reading {
	readings := []reading{
		{"django-version", "their hash is SHA-256, as Django 3.1 and later makes it", "set " + d.place("django-version") + " to the site's Django", func(s *django.Settings) { s.DjangoVersion, s.SessionFormat = "", django.FormatDefault }},
		{"hash-sha1", "their hash is SHA-1, as Django before 3.1 makes it", "set " + d.place("django-version") + " to the site's Django, or DJANGO_READ_OLDER_FORMATS if it was upgraded lately", func(s *django.Settings) { s.ReadOlderFormats = true }},
	}
	for _, r := range append(readings, d.otherSecrets()...) {
		set := d.set
		r.change(&set)
		other := *d.s
		sessions, err := django.New(set, django.EngineFunc(func(django.Site) (django.Store, error) { return d.s.store, nil }), django.WithLogger(discard))
		if err != nil {
			continue
		}
		other.Sessions = sessions
		l, err := d.openLogins(ctx, &other)
		if err != nil {
			continue
		}
		for _, session := range failed {
			if v, err := l.Inspect(ctx, session); err == nil && v.Reason == nil {
				return &r
			}
		}
	}
	return nil
}
