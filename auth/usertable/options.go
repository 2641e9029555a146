package usertable

import (
	"errors"
	"slices"
	"time"

	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/internal/sqldb"
)

// An Option changes a default of [Open].
type Option func(*options)

type options struct {
	table    string
	model    string
	columns  Columns
	active   *string // WithActiveColumn's, if given
	password string  // WithPasswordColumn's, if given
	extra    []string
	key      Key
	dialect  dbstore.Dialect
	timeZone string
	wait     time.Duration
	join     bool
	classify func(error) sqldb.Kind
}

// resolve merges the options that name one column into columns and checks them all.
func (o *options) resolve() error {
	if o.active != nil {
		o.columns.IsActive = *o.active
	}
	if o.password != "" {
		o.columns.Password = o.password
	}
	switch {
	case o.table == "":
		return errors.New("usertable: WithTable needs a name")
	case o.model == "":
		return errors.New("usertable: WithModel needs a name")
	case o.columns.ID == "" || o.columns.Username == "" || o.columns.Password == "":
		return errors.New("usertable: WithColumns must name ID, Username and Password; start from DefaultColumns")
	case slices.Contains(o.extra, ""):
		return errors.New("usertable: WithExtraColumns was given an empty name")
	case o.key < Integer || o.key > Text:
		return errors.New("usertable: WithKey takes Integer, UUID or Text")
	}
	return nil
}

// WithTable names the table of a custom user model, with or without its schema
// ("accounts.member"); "auth_user" by default.
func WithTable(name string) Option { return func(o *options) { o.table = name } }

// WithModel is the user model's name in lower case, as in the columns of its many-to-many
// tables ("user_id"); "user" by default. Only Permissions needs it.
func WithModel(name string) Option { return func(o *options) { o.model = name } }

// Columns are the columns of a user model's table. ID, Username and Password must be named;
// any other that is empty declares that the model has no such field. It is an error if the table
// lacks a column that is named, except that "email", "first_name" and "last_name" may be missing
// unless WithExtraColumns names them too: the user's field is then empty.
//
// A flag that is neither true nor false, such as 2, is an error for that user: Django reads it
// as false on SQLite and as true on MySQL.
type Columns struct {
	ID          string // the primary key
	Username    string // the USERNAME_FIELD
	Password    string
	IsActive    string // without it every user is active
	LastLogin   string // without it no login is known or recorded
	IsStaff     string // without it no user is staff
	IsSuperuser string // without it no user is a superuser
	Email       string
	FirstName   string
	LastName    string
}

// DefaultColumns returns the columns of django.contrib.auth's own User.
func DefaultColumns() Columns {
	return Columns{
		ID: "id", Username: "username", Password: "password", LastLogin: "last_login",
		IsActive: "is_active", IsStaff: "is_staff", IsSuperuser: "is_superuser",
		Email: "email", FirstName: "first_name", LastName: "last_name",
	}
}

// WithColumns names the columns of a custom user model; [DefaultColumns] by default.
func WithColumns(c Columns) Option { return func(o *options) { o.columns = c } }

// WithActiveColumn names the column that holds is_active, whatever WithColumns says. An empty
// name declares that the model has no such field and that every user is active.
func WithActiveColumn(name string) Option { return func(o *options) { o.active = &name } }

// WithPasswordColumn names the column that holds the password, whatever WithColumns says; an
// empty name changes nothing.
func WithPasswordColumn(name string) Option { return func(o *options) { o.password = name } }

// WithExtraColumns reads further columns of the user's row, for auth.Column to return under
// their own names. The table must have them, also those that Columns names.
func WithExtraColumns(names ...string) Option {
	return func(o *options) { o.extra = append(o.extra, names...) }
}

// WithKey sets the type of the primary key; Integer by default.
func WithKey(k Key) Option { return func(o *options) { o.key = k } }

// WithDialect sets which database this is, as dbstore.WithDialect does.
func WithDialect(d dbstore.Dialect) Option { return func(o *options) { o.dialect = d } }

// WithTimeZone sets the TIME_ZONE of Django's DATABASES entry, as dbstore.WithTimeZone does.
func WithTimeZone(name string) Option { return func(o *options) { o.timeZone = name } }

// WithMaxWait bounds how long transient errors are retried, as dbstore.WithMaxWait does.
func WithMaxWait(d time.Duration) Option { return func(o *options) { o.wait = d } }

// WithErrorKind sets a function that returns the kinds of a driver's errors, as
// dbstore.WithErrorKind does.
func WithErrorKind(f func(error) dbstore.ErrorKind) Option {
	return func(o *options) { o.classify = func(err error) sqldb.Kind { return sqldb.Kind(f(err)) } }
}
