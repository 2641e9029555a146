package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/internal/sqldb"
)

// userKeys are the values of --user-key.
var userKeys = map[string]usertable.Key{"int": usertable.Integer, "uuid": usertable.UUID, "text": usertable.Text}

// noColumn is the value that says that the user model has no such field.
const noColumn = "none"

// userModel is the site's user model.
type userModel struct {
	columns usertable.Columns
	table   []usertable.Option
	logins  []auth.Option
}

// openUserModel reads the settings of the user model and checks that its table has the
// columns.
func openUserModel(ctx context.Context, s *site) (m userModel, err error) {
	in := s.in
	table, ok := in.get("user-table")
	if !ok {
		table = "auth_user"
	}
	if table == "" {
		return m, fmt.Errorf("%s is empty", where("user-table"))
	}
	there, err := columnsOf(ctx, s, table)
	if err != nil {
		return m, err
	}
	if m.columns, err = userColumns(in, table, there); err != nil {
		return m, err
	}
	m.table = []usertable.Option{usertable.WithTable(table), usertable.WithColumns(m.columns)}
	if name, ok := in.get("user-key"); ok {
		key, known := userKeys[name]
		if !known {
			return m, fmt.Errorf("%s must be int, uuid or text", where("user-key"))
		}
		m.table = append(m.table, usertable.WithKey(key))
	}
	hash, columns, err := in.sessionAuthHash(m.columns)
	if err != nil {
		return m, err
	}
	if hash != nil {
		m.logins = append(m.logins, hash)
	}
	for _, column := range columns {
		switch {
		case !there(column):
			return m, fmt.Errorf("user table %q has no column %q; correct %s", table, column, where("auth-hash-value"))
		case column != m.columns.Password && column != m.columns.Username:
			m.table = append(m.table, usertable.WithExtraColumns(column))
		}
	}
	return m, nil
}

// userColumns returns the columns of the user model. The table must have those that a
// login depends on; a custom model may lack the others.
func userColumns(in inputs, table string, there func(column string) bool) (usertable.Columns, error) {
	c := usertable.DefaultColumns()
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
	for _, column := range []*string{&c.IsStaff, &c.IsSuperuser, &c.LastLogin, &c.Email, &c.FirstName, &c.LastName} {
		if !there(*column) {
			*column = ""
		}
	}
	return c, nil
}

// columnsOf returns a function that reports whether a table has a column.
func columnsOf(ctx context.Context, s *site, table string) (there func(column string) bool, err error) {
	db := s.sql
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
