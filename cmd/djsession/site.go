package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// site is the sessions of a Django site.
type site struct {
	*django.Sessions
	engine string // one of engineNames
	store  django.Store
	rows   *dbstore.Store // the table of the engines db and cached_db, else nil

	cache    cacheSettings
	database // empty if the command needs none
	in       inputs
	users    userModel // set by openUsers
	closers  []func() error
}

// withSite opens the site that the settings describe for do. It sends nothing to the
// database or cache itself.
func (a *app) withSite(cmd *cobra.Command, do func(ctx context.Context, s *site) error) error {
	in, err := a.inputs(cmd)
	if err != nil {
		return err
	}
	s, err := a.openSite(in)
	if err != nil {
		return err
	}
	err = sqliteError(s.url, do(cmd.Context(), s))
	return errors.Join(err, s.close())
}

// withSession opens the site and loads the session under key for do.
func (a *app) withSession(cmd *cobra.Command, key string, do func(ctx context.Context, s *site, session *django.Session) error) error {
	a.secrets.add(key)
	return a.withSite(cmd, func(ctx context.Context, s *site) error {
		session, err := s.Load(ctx, key)
		if err != nil {
			return err
		}
		return do(ctx, s, session)
	})
}

// openSite opens the site that the settings describe.
func (a *app) openSite(in inputs) (_ *site, err error) {
	set, err := a.djangoSettings(in)
	if err != nil {
		return nil, err
	}
	s := &site{in: in}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	s.engine, _ = in.engine() // djangoSettings has checked it
	if s.engine == "cache" || s.engine == "cached_db" {
		if s.cache, err = a.cacheSettings(in); err != nil {
			return nil, err
		}
	}
	if s.needsDatabase() {
		if err := a.openDatabase(s, &set); err != nil {
			return nil, err
		}
	}
	return s, a.openStore(s, set)
}

// openStore opens the engine of a site whose database and cache are known.
func (a *app) openStore(s *site, set django.Settings) error {
	engine, err := a.openEngine(s)
	if err != nil {
		return err
	}
	s.Sessions, err = django.New(set, engine, django.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return err
	}
	s.store = s.Store()
	switch store := s.store.(type) {
	case *dbstore.Store:
		s.rows = store
	case *cachestore.CachedDB:
		s.rows = store.Rows().(*dbstore.Store)
	}
	return nil
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

// close closes what openSite opened.
func (s *site) close() error {
	var errs []error
	for _, c := range s.closers {
		errs = append(errs, c())
	}
	s.closers = nil
	return errors.Join(errs...)
}
