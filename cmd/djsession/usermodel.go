package main

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/internal/sqldb"
)

// userKeys are the values of --user-key.
var userKeys = map[string]usertable.Key{"": usertable.Integer, "int": usertable.Integer, "uuid": usertable.UUID, "text": usertable.Text}

// noColumn is the value that says that the user model has no such field.
const noColumn = "none"

// userModel is the site's user model.
type userModel struct {
	columns usertable.Columns
	table   []usertable.Option
	logins  []auth.Option
}

// usersElsewhere returns an error if the site has its users in another database than its sessions.
func usersElsewhere(in inputs) error {
	file := in.file.settings()
	if users := cmp.Or(file.UserModel.Database, "default"); in.fromFile("database-url") && users != databaseAlias(file) {
		return fmt.Errorf("the site has its users in DATABASES[%s] and its sessions in DATABASES[%s], and this command connects to one of them", users, databaseAlias(file))
	}
	return nil
}

// openUserModel reads the settings of the user model and checks that its table has the
// columns.
func openUserModel(ctx context.Context, s *site) (m userModel, err error) {
	in := s.in
	if err := usersElsewhere(in); err != nil {
		return m, err
	}
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
	key, err := in.choice("user-key")
	if err != nil {
		return m, err
	}
	m.table = append(m.table, usertable.WithKey(userKeys[key]))
	hash, columns, err := in.sessionAuthHash(m.columns)
	if err != nil {
		return m, err
	}
	if own := in.file.settings().UserModel.SessionAuthHash; own != "" && hash == nil && uses(in.cmd, "auth-hash-value") {
		return m, fmt.Errorf("%s has a get_session_auth_hash of its own; describe it with %s and %s", own, where("auth-hash-value"), where("auth-hash-salt"))
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
	for _, required := range []struct {
		flag   string
		column *string
		advice string
	}{
		{"user-id-column", &c.ID, ""},
		{"username-column", &c.Username, ""},
		{"user-password-column", &c.Password, ""},
		{"user-active-column", &c.IsActive, ", or set it to " + noColumn + " if the model has no is_active, so that every user is active"},
	} {
		name, set := in.get(required.flag)
		if set {
			*required.column = name
		}
		if required.column == &c.IsActive && (name == noColumn || !uses(in.cmd, required.flag)) {
			c.IsActive = ""
		} else if !there(*required.column) {
			return c, fmt.Errorf("user table %q has no column %q; name the column in %s%s", table, *required.column, where(required.flag), required.advice)
		}
	}
	for _, column := range []*string{&c.IsStaff, &c.IsSuperuser, &c.LastLogin, &c.Email, &c.FirstName, &c.LastName} {
		if !there(*column) {
			*column = ""
		}
	}
	return c, nil
}

// columnNames returns the columns of a table.
func columnNames(ctx context.Context, db *sqldb.Database, table string) (names []string, err error) {
	err = db.Read(ctx, "SELECT * FROM "+db.Dialect.Quote(table)+" WHERE 1 = 0", nil, func(rows *sql.Rows) (err error) {
		names, err = rows.Columns()
		return err
	})
	return names, err
}

// columnsOf returns a function that reports whether a table has a column.
func columnsOf(ctx context.Context, s *site, table string) (there func(column string) bool, err error) {
	db := s.sql
	names, err := columnNames(ctx, db, table)
	if sqldb.KindOf(err) == sqldb.KindUndefined {
		return nil, fmt.Errorf("user table %q is missing; name the table of the user model in %s", table, where("user-table"))
	}
	if err != nil {
		return nil, err
	}
	return func(column string) bool {
		if db.Dialect == sqldb.PostgreSQL {
			return slices.Contains(names, column)
		}
		return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, column) })
	}, nil
}
