package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/auth/usertable"
)

// sayHandler writes log records to stderr, such as that a stored hash can never match.
type sayHandler struct{ a *app }

func (sayHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h sayHandler) WithAttrs([]slog.Attr) slog.Handler     { return h }
func (h sayHandler) WithGroup(string) slog.Handler          { return h }

func (h sayHandler) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(attr slog.Attr) bool {
		text += fmt.Sprintf("; %s: %s", attr.Key, attr.Value)
		return true
	})
	h.a.say(text)
	return nil
}

// withLogins opens the site with its users for do.
func (a *app) withLogins(cmd *cobra.Command, do func(ctx context.Context, s *site, l *auth.Logins) error) error {
	return a.withSite(cmd, func(ctx context.Context, s *site) error {
		l, err := a.openLogins(ctx, s)
		if err != nil {
			return err
		}
		return do(ctx, s, l)
	})
}

func (a *app) openLogins(ctx context.Context, s *site) (*auth.Logins, error) {
	users, err := a.openUsers(ctx, s)
	if err != nil {
		return nil, err
	}
	// The command does not know the site's PASSWORD_HASHERS.
	names := hashers.All()
	if list, ok := s.in.list("password-hashers"); ok {
		names = list
	}
	logger := slog.New(sayHandler{a})
	h, err := hashers.New(hashers.Options{DjangoVersion: s.Settings().DjangoVersion, PasswordHashers: names, Logger: logger})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where("password-hashers"), err)
	}
	return auth.New(s.Sessions, users, append(s.users.logins, auth.WithHashers(h), auth.WithLogger(logger))...)
}

// openUsers opens the table of the site's user model.
func (a *app) openUsers(ctx context.Context, s *site) (*usertable.Table, error) {
	var err error
	if s.users, err = openUserModel(ctx, s); err != nil {
		return nil, err
	}
	options := append(s.users.table, usertable.WithMaxWait(s.maxWait))
	if zone, ok := s.in.get("database-time-zone"); ok {
		options = append(options, usertable.WithTimeZone(zone))
	}
	return usertable.Open(s.db, s.Sessions, options...)
}
