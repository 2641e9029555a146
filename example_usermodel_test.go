package djsession_test

import (
	"context"
	"fmt"
	"log"

	"github.com/jmoiron/sqlx"
	_ "modernc.org/sqlite"

	"github.com/djsession/djsession/auth"
	"github.com/djsession/djsession/auth/usertable"
	"github.com/djsession/djsession/dbstore"
	"github.com/djsession/djsession/django"
)

// Example_userModel logs users of a custom user model in (AUTH_USER_MODEL): its key is a
// UUID, and users log in with their e-mail address.
func Example_userModel() {
	db := sqlx.MustOpen("sqlite", ":memory:") // the site's
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection has a memory of its own
	db.MustExec(`CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY,
		session_data text NOT NULL, expire_date datetime NOT NULL)`)
	db.MustExec(`CREATE TABLE accounts_member (id char(32) PRIMARY KEY, email varchar(254) NOT NULL UNIQUE,
		password varchar(128) NOT NULL, last_login datetime NULL, is_active bool NOT NULL)`)
	db.MustExec(`INSERT INTO accounts_member VALUES ('5f0c1d9e98ab4cde8f0123456789abcd', 'ann@example.com', '!', NULL, true)`)

	settings := django.DefaultSettings()
	settings.SecretKey = "the SECRET_KEY of settings.py"
	settings.UseTZ = new(true)
	sessions, err := django.New(settings, dbstore.New(db))
	if err != nil {
		log.Fatal(err)
	}
	users, err := usertable.Open(db, sessions,
		usertable.WithTable("accounts_member"),
		usertable.WithModel("member"),
		usertable.WithKey(usertable.UUID),
		usertable.WithColumns(usertable.Columns{
			ID: "id", Username: "email", Password: "password", LastLogin: "last_login", IsActive: "is_active",
		}))
	if err != nil {
		log.Fatal(err)
	}
	logins, err := auth.New(sessions, users)
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	ann, err := users.ByUsername(ctx, "ann@example.com")
	if err != nil {
		log.Fatal(err)
	}
	s := sessions.NewSession()
	if err := logins.LoginSession(ctx, s, ann); err != nil { // in a handler: Login(r, ann)
		log.Fatal(err)
	}
	user, err := logins.SessionUser(ctx, s)
	fmt.Println(user.ID, user.Username, err)
	// Output: 5f0c1d9e-98ab-4cde-8f01-23456789abcd ann@example.com <nil>
}
