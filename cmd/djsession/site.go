package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/spf13/cobra"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/databaseurl"
)

// site is the sessions of a Django site, in its database.
type site struct {
	*django.Sessions
	store strictStore
	db    *sqlx.DB
}

// withSite opens the site that flags and environment describe for do. The
// database is first spoken to when do does.
func (a *app) withSite(cmd *cobra.Command, do func(ctx context.Context, s *site) error) error {
	s, err := a.openSite(cmd)
	if err != nil {
		return err
	}
	err = do(cmd.Context(), s)
	return errors.Join(err, s.db.Close())
}

func (a *app) openSite(cmd *cobra.Command) (*site, error) {
	set, err := a.djangoSettings(cmd)
	if err != nil {
		return nil, err
	}
	in := inputs{cmd, a.getenv}
	text, said := in.get("database-url")
	if !said || text == "" {
		return nil, fmt.Errorf("no database; set %s, such as sqlite:///db.sqlite3 or postgres://user:password@host/name", where("database-url"))
	}
	d, err := databaseurl.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where("database-url"), err)
	}
	a.secrets.add(d.Password, d.Options["password"], d.Options["passwd"])
	var options []dbstore.Option
	if table, said := in.get("table"); said {
		if table == "" {
			return nil, fmt.Errorf("%s is empty", where("table"))
		}
		options = append(options, dbstore.WithTable(table))
	}
	if zone, said := in.get("database-time-zone"); said {
		if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
			return nil, fmt.Errorf("%s is not in the time zone database", where("database-time-zone"))
		}
		options = append(options, dbstore.WithTimeZone(zone))
	}
	pool, driver, err := openDatabase(d)
	if err != nil {
		return nil, err
	}
	if set.UseTZ == nil && d.Engine != databaseurl.PostgreSQL {
		a.say("USE_TZ is not said; assuming True, which Django's project template writes; set " + where("use-tz"))
		set.UseTZ = new(true)
	}
	s := &site{db: sqlx.NewDb(pool, driver)}
	s.Sessions, err = django.New(set, s.engine(dbstore.New(s.db, options...)), django.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// engine opens the database engine and keeps the store, to list and count with.
func (s *site) engine(db *dbstore.Engine) django.Engine {
	return django.EngineFunc(func(codec *django.Codec) (django.Store, error) {
		opened, err := db.Open(codec)
		if err != nil {
			return nil, err
		}
		s.store = strictStore{opened.(*dbstore.Store)}
		return s.store, nil
	})
}

// strictStore has unreadable data as an error. Django goes on with an empty
// session, which a change made by hand would then put in the place of all data.
type strictStore struct{ *dbstore.Store }

func (s strictStore) Load(ctx context.Context, key string, now time.Time) (django.Record, error) {
	rec, err := s.Store.Load(ctx, key, now)
	return rec, unreadable(rec, err)
}

func (s strictStore) Save(ctx context.Context, old django.Record, u django.Update) (django.Record, error) {
	rec, err := s.Store.Save(ctx, old, u)
	if errors.Is(err, django.ErrConflict) && rec.Corrupt != nil {
		return django.Record{}, unreadable(rec, nil)
	}
	return rec, err
}

func unreadable(rec django.Record, err error) error {
	if err == nil && rec.Corrupt != nil {
		return fmt.Errorf("the session is there, but its data cannot be read: %w; check the secret keys, or remove it with \"djsession delete\"", rec.Corrupt)
	}
	return err
}
