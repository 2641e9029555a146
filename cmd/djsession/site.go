package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/spf13/cobra"

	"github.com/djsession/djsession/cmd/djsession/internal/databaseurl"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// site is the sessions of a Django site, in its database.
type site struct {
	*django.Sessions
	store *dbstore.Store // of the Sessions, to list and count with
	db    *sqlx.DB
	sql   *sqldb.Database // the same, for the command's own statements
	url   databaseurl.Database

	table     string        // of the sessions
	keyLength int           // the longest key
	maxWait   time.Duration // how long to wait for a busy database

	in    inputs
	users userModel // set by openUsers
}

// withSite opens the site that the settings describe for do. It sends nothing to the
// database itself.
func (a *app) withSite(cmd *cobra.Command, do func(ctx context.Context, s *site) error) error {
	s, err := a.openSite(cmd)
	if err != nil {
		return err
	}
	err = sqliteError(s.url, do(cmd.Context(), s))
	return errors.Join(err, s.db.Close())
}

// withSession opens the site and loads the session under key for do.
func (a *app) withSession(cmd *cobra.Command, key string, do func(ctx context.Context, session *django.Session) error) error {
	a.secrets.add(key)
	return a.withSite(cmd, func(ctx context.Context, s *site) error {
		session, err := s.Load(ctx, key)
		if err != nil {
			return err
		}
		return do(ctx, session)
	})
}

func (a *app) openSite(cmd *cobra.Command) (*site, error) {
	set, err := a.djangoSettings(cmd)
	if err != nil {
		return nil, err
	}
	in := inputs{cmd, a.getenv}
	s := &site{keyLength: 40, in: in}
	if s.url, err = a.databaseURL(in); err != nil {
		return nil, err
	}
	if s.maxWait, err = maxWait(s.url); err != nil {
		return nil, err
	}
	options, err := s.storeOptions(in)
	if err != nil {
		return nil, err
	}
	if set.UseTZ == nil && s.url.Engine != databaseurl.PostgreSQL {
		if err := a.assumeUseTZ(cmd, s.url.Engine); err != nil {
			return nil, err
		}
		set.UseTZ = new(true)
	}
	pool, driver, err := openDatabase(s.url)
	if err != nil {
		return nil, err
	}
	s.db = sqlx.NewDb(pool, driver)
	if s.sql, err = sqldb.Open(s.db, sqldb.Options{MaxWait: s.maxWait}); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	s.Sessions, err = django.New(set, dbstore.New(s.db, options...), django.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	s.store = s.Store().(*dbstore.Store)
	return s, nil
}

// assumeUseTZ reports on stderr that USE_TZ = True is assumed. For a command that changes
// sessions it returns an error: with a wrong USE_TZ, it would store a wrong expiry, delete
// sessions that have not expired, or leave a user logged in.
func (a *app) assumeUseTZ(cmd *cobra.Command, engine databaseurl.Engine) error {
	dryRun := cmd.Flag("dry-run")
	switch {
	case cmd.Name() == "delete": // uses no times
		return nil
	case slices.Contains([]string{"list", "show", "get", "whoami"}, cmd.Name()), dryRun != nil && dryRun.Value.String() == "true":
		a.say("USE_TZ is not set; assuming True, which Django's project template writes; set " + where("use-tz"))
		return nil
	}
	return fmt.Errorf("USE_TZ is not set, and %v stores times without a zone; set %s to True or False as in the site's settings (Django's own default is True from 5.0 on, and False before)", engine, where("use-tz"))
}

// secretOptions are the options of a URL that hold secrets.
var secretOptions = []string{"password", "passwd", "sslpassword", "ssl_key_password", "oauth_client_secret", "scram_client_key", "scram_server_key"}

// databaseURL reads DATABASE_URL.
func (a *app) databaseURL(in inputs) (databaseurl.Database, error) {
	text, ok := in.get("database-url")
	if !ok || text == "" {
		return databaseurl.Database{}, fmt.Errorf("no database; set %s, such as sqlite:///db.sqlite3 or postgres://user:password@host/name", where("database-url"))
	}
	d, err := databaseurl.Parse(text)
	if err != nil {
		return d, fmt.Errorf("%s: %w", where("database-url"), err)
	}
	a.secrets.add(d.Password)
	for _, name := range secretOptions {
		a.secrets.add(d.Options[name])
	}
	return d, nil
}

// sessionModel is a session model of another package.
type sessionModel struct {
	table  string
	option func() dbstore.Option
}

// sessionModels are the values of --session-model.
var sessionModels = map[string]sessionModel{
	"user_sessions": {"user_sessions_session", dbstore.WithUserSessions},
	"qsessions":     {"qsessions_session", dbstore.WithQSessions},
}

// storeOptions describes the table of the session model.
func (s *site) storeOptions(in inputs) ([]dbstore.Option, error) {
	options := []dbstore.Option{dbstore.WithMaxWait(s.maxWait)}
	s.table = "django_session"
	name, err := in.choice("session-model")
	if err != nil {
		return nil, err
	}
	if model, ok := sessionModels[name]; ok {
		s.table = model.table
		options = append(options, model.option())
	}
	if table, ok := in.get("table"); ok {
		if table == "" {
			return nil, fmt.Errorf("%s is empty", where("table"))
		}
		s.table = table
	}
	options = append(options, dbstore.WithTable(s.table))
	if text, ok := in.get("key-length"); ok {
		length, err := strconv.ParseUint(text, 10, 16)
		if err != nil || length < 32 {
			return nil, fmt.Errorf("%s must be a number from 32 to 65535", where("key-length"))
		}
		s.keyLength = int(length)
	}
	options = append(options, dbstore.WithKeyLength(s.keyLength))
	if zone, ok := in.get("database-time-zone"); ok {
		if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
			return nil, fmt.Errorf("%s is not in the time zone database", where("database-time-zone"))
		}
		options = append(options, dbstore.WithTimeZone(zone))
	}
	return options, nil
}

// Load returns a session; see [ofSession] for its errors.
func (s *site) Load(ctx context.Context, key string) (*django.Session, error) {
	session, err := s.Sessions.Load(ctx, key)
	if errors.Is(err, django.ErrTooLarge) {
		return nil, &unreadableError{err}
	}
	if errors.Is(err, django.ErrNotFound) {
		return nil, s.absent(key)
	}
	return session, ofSession(err)
}
