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
	active   *string // WithActiveColumn's; nil if it was not given
	password string  // WithPasswordColumn's; "" if it was not given
	extra    []string
	key      Key
	dialect  dbstore.Dialect
	timeZone string
	wait     time.Duration
	classify func(error) sqldb.Kind
}

func defaultOptions() options {
	return options{table: "auth_user", model: "user", columns: DefaultColumns(), wait: sqldb.DefaultMaxWait}
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
	case !o.key.known():
		return errors.New("usertable: WithKey takes Integer, UUID or Text")
	}
	return nil
}

// WithTable names the table of a custom user model, with or without its schema
// ("accounts.member"); "auth_user" by default.
func WithTable(name string) Option { return func(o *options) { o.table = name } }

// WithModel is the user model's name in lower case, as in the columns of its
// many-to-many tables ("user_id"); "user" by default. Only Permissions needs it.
func WithModel(name string) Option { return func(o *options) { o.model = name } }

// Columns are the columns of a user model's table: a field's db_column, or else the
// field's name. ID, Username and Password must be named; leaving any other empty
// declares that the model has no such field. The table must have every column that is
// named here, except that "email", "first_name" and "last_name" may be missing under
// these names, unless WithExtraColumns names them too: the user's field is then empty, for
// as long as the column is missing.
//
// A flag that is neither true nor false, such as 2, is an error for that user: Django
// reads it as false on SQLite and as true on MySQL.
type Columns struct {
	ID          string // the primary key
	Username    string // the USERNAME_FIELD
	Password    string
	IsActive    string // empty declares that every user is active
	LastLogin   string // without it no login is known or recorded
	IsStaff     string // without it nobody is staff
	IsSuperuser string // without it nobody is a superuser
	Email       string
	FirstName   string
	LastName    string
}

// DefaultColumns returns the columns of django.contrib.auth's own User.
func DefaultColumns() Columns {
	return Columns{
		ID:          "id",
		Username:    "username",
		Password:    "password",
		IsActive:    "is_active",
		LastLogin:   "last_login",
		IsStaff:     "is_staff",
		IsSuperuser: "is_superuser",
		Email:       "email",
		FirstName:   "first_name",
		LastName:    "last_name",
	}
}

// WithColumns names the columns of a custom user model; [DefaultColumns] by
// default.
func WithColumns(c Columns) Option { return func(o *options) { o.columns = c } }

// WithActiveColumn names the column that holds is_active, whatever WithColumns says.
// An empty name declares that the model has no such field and that every user is
// active. A column that is named and missing from the table is an error, and makes
// nobody active.
func WithActiveColumn(name string) Option { return func(o *options) { o.active = &name } }

// WithPasswordColumn names the column that holds the password, whatever WithColumns
// says; an empty name changes nothing.
func WithPasswordColumn(name string) Option { return func(o *options) { o.password = name } }

// WithExtraColumns reads further columns of the user's row, for auth.Column to return
// under their own names. The table must have them, also those that Columns names. The
// package documentation says as which type to read which field.
func WithExtraColumns(names ...string) Option {
	return func(o *options) { o.extra = append(o.extra, names...) }
}

// WithKey tells the type of the primary key; Integer by default.
func WithKey(k Key) Option { return func(o *options) { o.key = k } }

// WithDialect says which database this is, for a driver whose name does not.
func WithDialect(d dbstore.Dialect) Option { return func(o *options) { o.dialect = d } }

// WithTimeZone is the TIME_ZONE of Django's DATABASES entry, if it has one: the
// zone of the times in a MySQL, MariaDB or SQLite database under USE_TZ = True.
// UTC by default.
func WithTimeZone(name string) Option { return func(o *options) { o.timeZone = name } }

// WithMaxWait bounds how long a statement that the database refused for the
// moment (a busy SQLite, a deadlock, a serialization failure) is tried again; the
// context may end it earlier. 30 seconds by default, 0 is not at all.
func WithMaxWait(d time.Duration) Option { return func(o *options) { o.wait = d } }

// WithErrorKind tells the kinds of errors of a driver that this package does not
// know. It is asked first; dbstore.KindOther leaves the question to the package.
func WithErrorKind(f func(error) dbstore.ErrorKind) Option {
	return func(o *options) { o.classify = func(err error) sqldb.Kind { return sqldb.Kind(f(err)) } }
}
