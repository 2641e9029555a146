// Package usertable finds a site's users where Django keeps them: in the table of its user
// model, auth_user or a custom one, on PostgreSQL, MySQL, MariaDB or SQLite. A [Table] is an
// auth.Users.
//
//	db := sqlx.MustOpen("pgx", os.Getenv("DATABASE_URL"))
//	sessions, err := django.New(settings, dbstore.New(db))
//	users, err := usertable.Open(db, sessions)
//
// Options describe a custom user model; this one has a UUID as its key and an e-mail address
// as its user name:
//
//	columns := usertable.DefaultColumns()
//	columns.Username = "email"
//	users, err := usertable.Open(db, sessions, usertable.WithTable("accounts_member"),
//		usertable.WithModel("member"), usertable.WithColumns(columns), usertable.WithKey(usertable.UUID))
//
// The package imports no driver and recognizes the database by the driver's name; the DSN is
// as package dbstore describes it. The tables are Django's: `manage.py migrate` makes them. A
// model that inherits from another over two tables is read from the one with the password.
// MySQL, MariaDB and SQLite hold times without a zone, so USE_TZ, and TIME_ZONE if that is
// False, must be set, unless the model has no last_login.
//
// Every row is a user. If the model's _default_manager hides rows, such as those of a soft
// delete, embed the *Table in an auth.Users whose ByID and ByUsername return auth.ErrNoUser for
// them.
//
// docs/users.md lists how each of Django's fields is read with [WithExtraColumns], and how a
// NULL password and a malformed last_login are read.
package usertable
