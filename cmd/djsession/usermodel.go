package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/internal/sqldb"
)

// userKeys are the values of --user-key.
var userKeys = map[string]usertable.Key{"int": usertable.Integer, "uuid": usertable.UUID, "text": usertable.Text}

// noColumn declares that the user model has no such field.
const noColumn = "none"

// userModel describes the site's user model: its table, columns and key.
func userModel(ctx context.Context, in inputs, s *site) ([]usertable.Option, error) {
	table, ok := in.get("user-table")
	if !ok {
		table = "auth_user"
	}
	if table == "" {
		return nil, fmt.Errorf("%s is empty", where("user-table"))
	}
	var err error
	if s.columns, err = userColumns(ctx, in, s, table); err != nil {
		return nil, err
	}
	options := []usertable.Option{usertable.WithTable(table), usertable.WithColumns(s.columns)}
	if name, ok := in.get("user-key"); ok {
		key, known := userKeys[name]
		if !known {
			return nil, fmt.Errorf("%s must be int, uuid or text", where("user-key"))
		}
		options = append(options, usertable.WithKey(key))
	}
	return options, nil
}

// userColumns names the columns of the user model. The table must have those that
// decide about a login; the others are left out if it has them not, as a model of
// the site's own may.
func userColumns(ctx context.Context, in inputs, s *site, table string) (usertable.Columns, error) {
	c := usertable.DefaultColumns()
	there, err := columnsOf(ctx, s, table)
	if err != nil {
		return c, err
	}
	required := map[string]*string{"user-id-column": &c.ID, "username-column": &c.Username, "user-password-column": &c.Password}
	if uses(in.cmd, "user-active-column") {
		required["user-active-column"] = &c.IsActive
	} else {
		c.IsActive = ""
	}
	for _, flag := range []string{"user-id-column", "username-column", "user-password-column", "user-active-column"} {
		column, ok := required[flag]
		if !ok {
			continue
		}
		if name, ok := in.get(flag); ok {
			*column = name
		}
		if flag == "user-active-column" && *column == noColumn {
			*column = ""
			continue
		}
		if !there(*column) {
			advice := ""
			if flag == "user-active-column" {
				advice = ", or set it to " + noColumn + " if the model has no is_active, so that every user is active"
			}
			return c, fmt.Errorf("user table %q has no column %q; name the column in %s%s", table, *column, where(flag), advice)
		}
	}
	for _, column := range []*string{&c.IsStaff, &c.IsSuperuser, &c.LastLogin} {
		if !there(*column) {
			*column = ""
		}
	}
	return c, nil
}

// columnsOf returns whether a table has a column.
func columnsOf(ctx context.Context, s *site, table string) (there func(column string) bool, err error) {
	db, err := sqldb.Open(s.db, sqldb.Options{})
	if err != nil {
		return nil, err
	}
	rows, err := db.Rows(ctx, "SELECT * FROM "+db.Dialect.Quote(table)+" WHERE 1 = 0")
	if err != nil {
		if db.KindOf(err) == sqldb.KindUndefined {
			return nil, fmt.Errorf("user table %q is missing; name the table of the user model in %s", table, where("user-table"))
		}
		return nil, err
	}
	names, err := rows.Columns()
	if err = errors.Join(err, rows.Close()); err != nil {
		return nil, err
	}
	return func(column string) bool {
		if db.Dialect == sqldb.PostgreSQL {
			return slices.Contains(names, column)
		}
		return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, column) })
	}, nil
}
