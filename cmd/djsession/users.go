package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/hashers"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/internal/sqldb"
)

// userKeys are the values of --user-key.
var userKeys = map[string]usertable.Key{"int": usertable.Integer, "uuid": usertable.UUID, "text": usertable.Text}

// withLogins opens the site with its users for do.
func (a *app) withLogins(cmd *cobra.Command, do func(ctx context.Context, s *site, l *auth.Logins) error) error {
	return a.withSite(cmd, func(ctx context.Context, s *site) error {
		l, err := openLogins(ctx, inputs{cmd, a.getenv}, s)
		if err != nil {
			return err
		}
		return do(ctx, s, l)
	})
}

func openLogins(ctx context.Context, in inputs, s *site) (*auth.Logins, error) {
	options, err := in.userModel(ctx, s)
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
	// PASSWORD_HASHERS unsaid: a hash that the site would not take is not in its table.
	names := hashers.All()
	if text, said := in.get("password-hashers"); said {
		names = strings.Split(text, ",")
	}
	logger := slog.New(slog.DiscardHandler)
	h, err := hashers.New(hashers.Options{DjangoVersion: set.DjangoVersion, PasswordHashers: names, Logger: logger})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", where("password-hashers"), err)
	}
	return auth.New(s.Sessions, users, auth.WithHashers(h), auth.WithLogger(logger))
}

// userModel says which table, columns and key the site's user model has.
func (in inputs) userModel(ctx context.Context, s *site) ([]usertable.Option, error) {
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
