package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/internal/sqldb"
)

// userKeys are the values of --user-key.
var userKeys = map[string]usertable.Key{"int": usertable.Integer, "uuid": usertable.UUID, "text": usertable.Text}

// sayHandler says what is logged: that a stored hash cannot match, for instance.
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
		l, err := a.openLogins(ctx, inputs{cmd, a.getenv}, s)
		if err != nil {
			return err
		}
		return do(ctx, s, l)
	})
}

func (a *app) openLogins(ctx context.Context, in inputs, s *site) (*auth.Logins, error) {
	options, err := a.userModel(ctx, in, s)
	if err != nil {
		return nil, err
	}
	set := s.Settings()
	if zone, said := in.get("database-time-zone"); said {
		options = append(options, usertable.WithTimeZone(zone))
	}
	users, err := usertable.Open(s.db, set, options...)
	if err != nil {
		return nil, err
	}
	// PASSWORD_HASHERS cannot be seen from here.
	names := hashers.All()
	if list, said := in.list("password-hashers"); said {
		names = list
	}
	logger := slog.New(sayHandler{a})
	h, err := hashers.New(hashers.Options{DjangoVersion: set.DjangoVersion, PasswordHashers: names, Logger: logger})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where("password-hashers"), err)
	}
	return auth.New(s.Sessions, users, auth.WithHashers(h), auth.WithLogger(logger))
}

// userModel says which table, columns and key the site's user model has.
func (a *app) userModel(ctx context.Context, in inputs, s *site) ([]usertable.Option, error) {
	var options []usertable.Option
	columns := usertable.DefaultColumns()
	if id, said := in.get("user-id-column"); said {
		columns.ID = id
	}
	if name, said := in.get("username-column"); said {
		columns.Username = name
	}
	if table, said := in.get("user-table"); said {
		if err := dropMissing(ctx, s, table, &columns); err != nil {
			return nil, err
		}
		if columns.IsActive == "" {
			a.say("the user table has no column is_active; taking every user for active")
		}
		options = append(options, usertable.WithTable(table))
	}
	if name, said := in.get("user-key"); said {
		key, known := userKeys[name]
		if !known {
			return nil, fmt.Errorf("%s must be int, uuid or text", where("user-key"))
		}
		options = append(options, usertable.WithKey(key))
	}
	return append(options, usertable.WithColumns(columns)), nil
}

// dropMissing leaves out the columns that a model of the site's own need not
// have.
func dropMissing(ctx context.Context, s *site, table string, c *usertable.Columns) error {
	db, err := sqldb.Open(s.db, sqldb.Options{})
	if err != nil {
		return err
	}
	rows, err := db.Rows(ctx, "SELECT * FROM "+db.Dialect.Quote(table)+" WHERE 1 = 0")
	if err != nil {
		if db.KindOf(err) == sqldb.KindUndefined {
			return fmt.Errorf("table %q is missing; name the user model's table in %s", table, where("user-table"))
		}
		return err
	}
	names, err := rows.Columns()
	if err = errors.Join(err, rows.Close()); err != nil {
		return err
	}
	for _, column := range []*string{&c.IsActive, &c.IsStaff, &c.IsSuperuser, &c.LastLogin} {
		if !slices.Contains(names, *column) {
			*column = ""
		}
	}
	return nil
}
