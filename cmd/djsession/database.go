package main

import (
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/spf13/cobra"

	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/databaseurl"
	"github.com/djsession/djsession/internal/sqldb"
)

// database is the site's database.
type database struct {
	db      *sqlx.DB
	sql     *sqldb.Database // the same, for the command's own statements
	url     databaseurl.Database
	maxWait time.Duration // how long to wait for a busy database

	table     string // of the sessions
	keyLength int    // the longest key
}

// needsDatabase reports whether the command works on the site's database: for the
// sessions, for a cache in it, or for the users.
func (s *site) needsDatabase() bool {
	byUser := s.in.cmd.Flag("user")
	return s.engine == "db" || s.engine == "cached_db" || s.cache.table != "" || uses(s.in.cmd, "authentication-backends") ||
		s.in.cmd.Name() == "logout" && byUser.Changed
}

// openDatabase opens the site's database. If set does not say USE_TZ and the database
// needs it, it assumes True or returns an error; see assumeUseTZ.
func (a *app) openDatabase(s *site, set *django.Settings) (err error) {
	if s.url, err = a.databaseURL(s.in); err != nil {
		return err
	}
	if s.maxWait, err = maxWait(s.url); err != nil {
		return err
	}
	if set.UseTZ == nil && s.url.Engine != databaseurl.PostgreSQL {
		if err := a.assumeUseTZ(s.in.cmd, s.url.Engine); err != nil {
			return err
		}
		set.UseTZ = new(true)
	}
	connections := 1 // one statement at a time
	if s.in.cmd.Name() == "copy" && s.url.Engine != databaseurl.SQLite {
		connections = copyWorkers
	}
	pool, driver, err := openPool(s.url, connections)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, pool.Close)
	s.db = sqlx.NewDb(pool, driver)
	s.sql, err = sqldb.Open(s.db, sqldb.Options{MaxWait: s.maxWait})
	return err
}

// openPool returns a pool for the database, and sqlx's name for its driver.
// It sends nothing to the database yet.
func openPool(d databaseurl.Database, connections int) (db *sql.DB, driver string, err error) {
	switch d.Engine {
	case databaseurl.PostgreSQL:
		db, err = openPostgreSQL(d)
		driver = "pgx"
	case databaseurl.MySQL:
		db, err = openMySQL(d)
		driver = "mysql"
	default:
		db, err = openSQLite(d)
		driver = "sqlite"
	}
	if err == nil {
		db.SetMaxOpenConns(connections)
	}
	return db, driver, err
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
