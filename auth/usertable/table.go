package usertable

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
	"github.com/djsession/djsession/internal/sqldb"
)

// Table is the table of a user model. It is safe for concurrent use, on a *sqlx.Tx as far as
// the transaction is.
//
// Its errors are a *dbstore.Error, auth.ErrNoUser where that is documented, or that of a value
// that cannot be stored. They hold neither the user's name or key nor a password.
type Table struct {
	db      *sqldb.Database
	opts    options
	clock   sqldb.Clock
	q       queries
	lacking atomic.Bool   // an optional column was missing once
	memory  *memory       // of WithJoin; nil without it
	writes  atomic.Uint64 // counts what may have changed a user
}

var (
	_ auth.Users                = (*Table)(nil)
	_ auth.PasswordSetter       = (*Table)(nil)
	_ auth.LoginRecorder        = (*Table)(nil)
	_ auth.PermissionLister     = (*Table)(nil)
	_ auth.AllPermissionsLister = (*Table)(nil)
)

// Open returns the users of the model that Settings.UserModel describes, by default
// django.contrib.auth's own, in db: a *sqlx.DB, or a *sqlx.Tx to act inside the caller's
// transaction, for one goroutine at a time. It checks the options against USE_TZ and TIME_ZONE
// in the sessions' settings, and does not query the database.
//
// Open one table for a *sqlx.DB and keep it: on MySQL and SQLite each prepares its own statements,
// which are held until the database is closed.
func Open(db dbstore.DB, sessions *django.Sessions, opts ...Option) (*Table, error) {
	if sessions == nil {
		return nil, errors.New("usertable: Open needs the sessions that django.New returns")
	}
	settings := sessions.Settings()
	o, err := optionsOf(settings)
	if err != nil {
		return nil, err
	}
	for _, opt := range opts {
		opt(&o)
	}
	if err := o.resolve(); err != nil {
		return nil, err
	}
	opened, err := sqldb.Open(db, sqldb.Options{Dialect: sqldb.Dialect(o.dialect), Classify: o.classify, MaxWait: o.wait})
	if err != nil {
		return nil, fmt.Errorf("usertable: %w", err)
	}
	t := &Table{db: opened, opts: o, q: makeQueries(opened.Dialect, o, opened.InTx)}
	if o.columns.LastLogin != "" {
		t.clock, err = sqldb.ClockOf(opened.Dialect, sqldb.Zones{UseTZ: settings.UseTZ, TimeZone: settings.TimeZone, Database: o.timeZone})
		if err != nil {
			return nil, fmt.Errorf("usertable: %w", err)
		}
	}
	if o.join {
		if err := t.joinSessions(db, sessions); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// ByID implements auth.Users with one query, or none: see [WithJoin].
func (t *Table) ByID(ctx context.Context, id string) (auth.User, error) {
	key, ok := t.opts.key.param(id)
	if !ok {
		return auth.User{}, auth.ErrNoUser
	}
	r, err := t.joined(ctx, id), error(nil)
	if r == nil {
		r = t.newRow()
		err = t.run(t.q.byID, func(query string) error { return t.db.Row(ctx, query, []any{key}, r.fields()...) })
	}
	if errors.Is(err, sql.ErrNoRows) || err == nil && !r.id.Valid {
		return auth.User{}, auth.ErrNoUser
	}
	if err != nil {
		return auth.User{}, t.fail("by id", err, tableHint)
	}
	return t.user("by id", r)
}

// ByUsername implements auth.Users with one query. The database compares the names: MySQL by
// default, and a citext column, find a name in another case too. Two users of the name are an
// error, as they are to Django.
func (t *Table) ByUsername(ctx context.Context, username string) (auth.User, error) {
	if !possibleText(username) {
		return auth.User{}, auth.ErrNoUser
	}
	r, n := t.newRow(), 0
	read := func(rows *sql.Rows) error {
		for n = 0; rows.Next(); n++ {
			if err := rows.Scan(r.fields()...); err != nil {
				return err
			}
		}
		return nil
	}
	err := t.run(t.q.byUsername, func(query string) error { return t.db.Read(ctx, query, []any{username}, read) })
	switch {
	case err != nil:
		return auth.User{}, t.fail("by username", err, tableHint)
	case n == 0:
		return auth.User{}, auth.ErrNoUser
	case n > 1:
		return auth.User{}, t.fail("by username", errors.New("more than one user has this name"), "")
	}
	return t.user("by username", r)
}

// row is a user as the database has it. A model may allow NULL where Django's own does not.
type row struct {
	id, username, password         sql.Null[string]
	isActive, isStaff, isSuperuser sql.Null[bool]
	lastLogin                      any
	email, firstName, lastName     sql.Null[string]
	extra                          []any
	into                           [10]any // where fields puts its result
}

func (t *Table) newRow() *row { return &row{extra: make([]any, len(t.opts.extra))} }

// fields returns where to scan the columns of a selectUser.
func (r *row) fields() []any {
	fields := append(r.into[:0], &r.id, &r.username, &r.password, &r.isActive, &r.isStaff, &r.isSuperuser, &r.lastLogin, &r.email, &r.firstName, &r.lastName)
	for i := range r.extra {
		fields = append(fields, &r.extra[i])
	}
	return fields
}

func (t *Table) user(op string, r *row) (auth.User, error) {
	id, ok := t.opts.key.fromColumn(r.id.V)
	if !ok {
		return auth.User{}, t.fail(op, fmt.Errorf("column %q does not hold keys of the type that WithKey names", t.opts.columns.ID), "")
	}
	password := r.password.V
	if !r.password.Valid {
		password = "None" // str(None), of which Django makes the session hash; no password matches it
	}
	// What is not a time of Django's, such as the 0000-00-00 of an old MySQL, is none: no
	// request depends on it.
	lastLogin, _ := t.clock.Parse(t.opts.columns.LastLogin, r.lastLogin)
	u := auth.User{
		ID:            id,
		Username:      r.username.V,
		Password:      password,
		EmptyPassword: password == "",
		IsActive:      r.isActive.V,
		IsStaff:       r.isStaff.V,
		IsSuperuser:   r.isSuperuser.V,
		LastLogin:     lastLogin,
		Email:         r.email.V,
		FirstName:     r.firstName.V,
		LastName:      r.lastName.V,
	}
	if len(r.extra) == 0 {
		return u, nil
	}
	columns := make(map[string]any, len(r.extra))
	for i, name := range t.opts.extra {
		columns[name] = r.extra[i]
		if text, ok := r.extra[i].([]byte); ok { // how MySQL's driver returns text
			columns[name] = string(text)
		}
	}
	return u.WithExtra(columns), nil
}
