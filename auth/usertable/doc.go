// Package usertable finds a site's users where Django keeps them: in the table of
// its user model, auth_user or a custom one, on PostgreSQL, MySQL, MariaDB or
// SQLite. A [Table] is an auth.Users.
//
//	db := sqlx.MustOpen("pgx", os.Getenv("DATABASE_URL"))
//	sessions, err := django.New(settings, dbstore.New(db))
//	users, err := usertable.Open(db, sessions)
//
// A custom user model is described by options; this one has a UUID as its key and
// an e-mail address as its user name:
//
//	columns := usertable.DefaultColumns()
//	columns.Username = "email"
//	users, err := usertable.Open(db, sessions, usertable.WithTable("accounts_member"),
//		usertable.WithModel("member"), usertable.WithColumns(columns), usertable.WithKey(usertable.UUID))
//
// A table that lacks a column that [Columns] names is an error; only email, first_name
// and last_name may be missing, and are then empty. One that must not be, because
// auth.WithSessionAuthHash uses it for instance, is named in [WithExtraColumns] too: without
// it a query is an error. A model without is_active is declared by [WithActiveColumn] with
// an empty name.
//
// # Further columns
//
// [WithExtraColumns] reads further columns, and auth.Column returns them. Drivers return
// different types for one field; read each as the type in this table, which is the same on
// PostgreSQL (pgx), MySQL, MariaDB and SQLite:
//
//	CharField, TextField, EmailField  auth.Column[string]
//	integers                          auth.Column[int64]
//	BooleanField                      auth.Column[bool]; as a string it is "1" or "true"
//	FloatField                        auth.Column[float64]
//	DecimalField                      auth.Column[string] or [float64]; SQLite has no trailing zeros ("2.5" for 2.50)
//	DateField                         auth.Column[time.Time]
//	DateTimeField                     auth.Column[time.Time], in UTC; under USE_TZ = False MySQL and SQLite have
//	                                  the time on the clocks of TIME_ZONE, as if that were UTC
//	UUIDField                         UUIDColumn
//	JSONField, BinaryField            auth.Column[[]byte]; PostgreSQL and MySQL write JSON in a form of their own
//	NULL                              the zero value; auth.Column[*string] and the like tell it from an empty one
//
// A session hash that is made of a decimal, a date or JSON must be written as Python writes
// it: format it in Go.
//
// # Databases
//
// The package imports no driver and recognizes the database by the driver's name; the DSN is
// as dbstore's documentation describes it. The
// tables are Django's: `manage.py migrate` makes them, this package never does. A
// model that inherits from another over two tables is read from the one with the
// password.
//
// Every row is a user. Django finds users through the model's _default_manager; one
// that hides rows, such as those of a soft delete, is not known here. For such a
// model embed the *Table in an auth.Users of your own, whose ByID and ByUsername return
// auth.ErrNoUser for the hidden.
//
// A password of NULL, which a model may allow, is read as "None": Django's session
// hash is made of that text, and no password matches it. A last_login that is not a
// time in the form in which Django stores it, YYYY-MM-DD HH:MM:SS[.ffffff], is read
// as none, the zero time; Django reads some others, of which SQLite holds any.
//
// MySQL, MariaDB and SQLite hold times without a zone. Therefore USE_TZ, and
// TIME_ZONE if that is False, must be set in the settings, unless the model has
// no last_login.
package usertable
